"""The documents have a picture of every page, in every form, that is small enough for them."""

from tests.browser.pages import PAGES
from tests.browser.pictures import FOLDER, FORMS, LARGEST


def test_every_page_has_its_pictures() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert sizes.keys() == {f"{name}-{form}.png" for name in PAGES for form in FORMS}, (
        "run: make pictures-desk"
    )
    assert max(sizes.values()) <= LARGEST
