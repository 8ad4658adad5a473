"""The page about the patterns is what their files say."""

from tools.patterns.__main__ import PAGE, page


def test_the_page_is_written_anew_with_the_patterns() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make patterns`"
