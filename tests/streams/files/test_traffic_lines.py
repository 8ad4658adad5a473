from detectors.basis.identifiers import PatternName
from detectors.events.event import Access, Interaction, Sale
from streams.files.traffic_lines import traffic_lines

ASKING = (PatternName("access_without_contact"),)


def test_a_pattern_on_traffic_says_what_it_lacks() -> None:
    first, *lines = traffic_lines(ASKING, (Sale,))
    assert first == "Patterns say nothing of anybody, for what they ask for was not read"
    assert lines == ["  access_without_contact: no `interaction` and no `access`"]
    assert [*traffic_lines(ASKING, (Sale, Interaction))][1:] == [
        "  access_without_contact: no `access`"
    ]
    assert not [*traffic_lines(ASKING, (Sale, Interaction, Access))]
    assert not [*traffic_lines((), (Sale,))]
