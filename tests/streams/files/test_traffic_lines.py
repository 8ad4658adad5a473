from detectors.basis.identifiers import PatternName
from detectors.events.event import Access, Agent, Interaction, Sale
from detectors.facts.questions import INTERACTIONS, OWN_CONTACTS, TRAFFIC, events_asked
from streams.files.traffic_lines import traffic_lines

ASKED = {
    PatternName("met"): events_asked([INTERACTIONS]),
    PatternName("looked_up"): events_asked([TRAFFIC]),
}


def test_a_pattern_on_traffic_says_what_it_lacks() -> None:
    first, *lines = traffic_lines(ASKED, (Sale,))
    assert first == "Patterns say nothing of anybody, for what they ask for was not read"
    assert lines == ["  looked_up: no `interaction` and no `access`", "  met: no `interaction`"]
    assert [*traffic_lines(ASKED, (Sale, Interaction))] == [first, "  looked_up: no `access`"]
    assert not [*traffic_lines(ASKED, (Sale, Interaction, Access))]
    assert not [*traffic_lines({}, (Sale,))]
    own = {PatternName("own"): events_asked([OWN_CONTACTS])}
    assert [*traffic_lines(own, (Sale, Interaction))] == [first, "  own: no `agent`"]
    assert not [*traffic_lines(own, (Sale, Agent))]
