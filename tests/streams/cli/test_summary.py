"""What a run says of the shadow null and of fields: counts, and the rate of either tier."""

import re
from collections.abc import Mapping
from typing import Final

from detectors.basis.identifiers import PatternName
from detectors.events.event import Sale
from detectors.ledger.matches import MatchCounts
from detectors.messages.outcomes import ShadowCount
from detectors.settings import Settings
from streams.cli.not_used import Rejections, contested_lines
from streams.cli.summary import CurrentAlerts, summary
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from tests.streams.hostile_corpus import sale


class Judged(Detection):
    """A run that has counted what it is told to have counted."""

    def __init__(self, counts: Mapping[PatternName, ShadowCount]) -> None:
        super().__init__(Settings(), None, lambda _: None)
        self._counts: Final = dict(counts)
        self.counts.applied[Sale] += 1  # else nothing is said of what was judged

    def shadow(self) -> dict[PatternName, ShadowCount]:
        return self._counts


def lines(counts: Mapping[PatternName, ShadowCount]) -> list[str]:
    text = summary(Judged(counts), CurrentAlerts(), Rejections(), None, 1.0)
    return text.splitlines()


def null_lines(counts: Mapping[PatternName, ShadowCount]) -> list[str]:
    told = lines(counts)
    start = next(place for place, line in enumerate(told) if line.startswith("Shadow null"))
    return told[start + 1 : -1]


def test_every_pattern_has_its_alarms_and_years() -> None:
    told = null_lines(
        {
            PatternName("b"): ShadowCount(1_234, 3_650_000),
            PatternName("a"): ShadowCount(),
            PatternName("c_early"): ShadowCount(1, 365),
        }
    )
    assert [line.split() for line in told[:-1]] == [
        ["a", "0", "in", "0.0", "agent-years"],
        ["b", "1,234", "in", "10,000.0", "agent-years"],
        ["c_early", "1", "in", "1.0", "agent-years"],
    ]
    assert len({line.index(" in ") for line in told[:-1]}) == 1


def test_a_rate_adds_up_the_patterns_of_its_tier() -> None:
    (*_, told) = null_lines(
        {
            PatternName("quick_cancellation"): ShadowCount(2, 365_000),
            PatternName("unused_account"): ShadowCount(1, 182_500),
            PatternName("quick_cancellation_early"): ShadowCount(7, 730_000),
            PatternName("volume_shift"): ShadowCount(900, 365_000),
            PatternName("amount_shift"): ShadowCount(900, 365_000),
        }
    )
    assert told == "  warnings per 1,000 agent-years: 4.0 at maturity, 3.5 early"


def test_before_anything_was_judged_the_rates_are_none() -> None:
    (*_, told) = null_lines({PatternName("quick_cancellation"): ShadowCount()})
    assert re.findall(r"[\d.]+ (?:at maturity|early)", told) == ["0.0 at maturity", "0.0 early"]


def test_without_a_shadow_null_there_is_no_line_of_it() -> None:
    assert not any("hadow" in line for line in lines({}))


def test_fields_that_were_read_leniently_or_refused_a_record_are_named() -> None:
    detection = Detection(Settings(), None, lambda _: None)
    odd = (
        b'{"type":"account_activity","event_id":"e","account_id":"a","kind":"purchase",'
        b'"occurred_at":"2025-03-01T12:00:00Z","initiated_by":"bank"}'
    )
    values = [sale(team="7", channel="[]"), sale(team="8"), sale(agent_id="true"), odd]
    for _ in detection.alerts(iter([Block(values, lambda index: Origin("file", index + 1))])):
        pass
    told = summary(detection, CurrentAlerts(), Rejections(), None, 1.0)
    unknown = "account_activity.initiated_by 1, sale.channel 1"
    for line in (
        "  refused for a field: agent_id 1",
        "  fields in another form, read exactly: sale.team 2",
        "  words that are on no list, taken as `other`: account_activity.kind 1",
        f"  fields that could not be read, taken as unknown: {unknown}",
    ):
        assert f"{line}\n" in told


def test_what_is_contested_and_corrected_is_told_with_the_setting_that_would_change_it() -> None:
    counts = MatchCounts(
        contested={"agent_id": 3},
        unheeded=2,
        corrected={"amount": 1},
        merged=2,
        merged_agents=1,
    )
    assert contested_lines(counts) == [
        "  sales about which records contradict each other, by field: agent_id 3",
        "  2 of these records bear a `version`, which corrects none: see corrections.versions",
        "  sales that a greater version corrected, by field: amount 1",
        "  2 accounts became part of another one: see corrections.merges",
        "  1 id of an agent became part of another one: see corrections.agents",
    ]
    assert contested_lines(MatchCounts()) == []
