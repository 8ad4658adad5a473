"""Short histories of one agent whose outcomes are corrected, and what becomes of the alert."""

from typing import Final, NamedTuple

import numpy as np
from hypothesis import strategies as st

from detectors.agents.alerting.doubt import NO_DOUBT, Doubt
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.open_alerts import AlertInput, OpenAlerts
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.mature.bad_outcomes import BadOutcomes
from detectors.agents.mature.correctable_evidence import CorrectableEvidence
from detectors.agents.mature.corrections import Corrections
from detectors.agents.totals.own_totals import OwnTotals
from detectors.agents.totals.slots import SlotIndex
from detectors.alerts.alert import Ending, Withdrawal
from detectors.basis.event_time import DAY, Day, Seconds, start_of_day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.evidence.prior import Prior
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome
from detectors.settings import Settings
from tests.detectors.agents.alerting.histories import COMMON, RARE, SD, SETTINGS, THRESHOLD

KEPT: Final = 6
"""Days for which an outcome can be corrected."""

AGENT: Final = AgentId("anna")
PATTERN: Final = PatternName("quick_cancellation")


class Told(NamedTuple):
    """The end of a day: the largest evidence, and what became of the alert."""

    evidence: float
    opened: bool
    quiet_since: Day | None
    ending: Ending | None
    withdrawal: Withdrawal | None


class Change(NamedTuple):
    """On a day, before it is judged, the n-th outcome of an earlier one gets another verdict."""

    known_on: int
    judged_on: int
    number: int
    bad: bool | None


class Life(NamedTuple):
    """The outcomes (probability, bad) of each day, and the changes among them."""

    days: list[tuple[tuple[float, bool], ...]]
    changes: list[Change]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Draw up to 24 days, in stretches of days alike, and corrections of some outcomes."""
    bad, good, lucky = (RARE, True), (COMMON, False), (RARE, False)
    kinds = st.sampled_from([(bad,), (bad, bad), (good,), (lucky,), (bad, good), ()])
    drawn = draw(st.lists(st.tuples(kinds, st.integers(1, 6)), min_size=1, max_size=4))
    days: list[tuple[tuple[float, bool], ...]] = [
        kind for kind, length in drawn for _ in range(length)
    ]
    places = [(day, number) for day, of in enumerate(days) for number in range(len(of))]
    changes = [
        Change(min(len(days) - 1, day + draw(st.integers(1, KEPT))), day, number, bad_now)
        for day, number in places
        if (bad_now := draw(st.sampled_from([True, False, False, None, None]))) is not True
        or draw(st.booleans())
    ]
    return Life(days, [change for change in changes if change.known_on > change.judged_on])


def sale_of(day: int, number: int) -> SaleId:
    return SaleId(f"{day}.{number}")


def lived(life: Life, kind: type[Corrections] = Corrections) -> list[Told]:
    """Return the end of each day of a life, as the parts of the mature tier give it."""
    pattern = Settings().patterns.tier(PATTERN)
    config = TierConfig(Settings(), "", pattern, THRESHOLD, "agent")
    evidence = CorrectableEvidence(Prior(SD), KEPT)
    own = OwnTotals(Settings().peers, SlotIndex())
    corrections = kind(config, evidence, own, BadOutcomes())
    open_alerts, row = OpenAlerts(THRESHOLD, SETTINGS), evidence.row(AGENT)
    verdicts: dict[SaleId, bool | None] = {}
    told = []
    for number, today in enumerate(life.days):
        day, changed = Day(number), [one for one in life.changes if one.known_on == number]
        own.begin(day)
        batch = [(_outcome(one), _before(verdicts, one)) for one in changed]
        list(corrections.apply(day, batch, ()))
        size, ids = len(today), [sale_of(number, place) for place in range(len(today))]
        verdicts |= {one: bad for one, (_, bad) in zip(ids, today, strict=True)}
        levels = evidence.judge(
            day,
            np.full(size, row, np.int64),
            np.array([probability for probability, _ in today], np.float64),
            np.full(size, 16, np.int64),
            np.array([bad for _, bad in today], np.bool_),
            ids,
            SD,
        )
        largest = np.array([max([*levels, evidence.evidence()[row]])])

        def asked(_: int) -> AlertInput:
            alert = open_alerts.by_row.get(row)
            doubt = None if alert is None else corrections.doubt(row, alert)
            withdrawal = None if doubt is None else doubt.withdrawal
            return AlertInput(1, excess=True, critical=False, withdrawal=withdrawal)

        revised = [
            due.alert
            for due in open_alerts.advance(day, largest, evidence, alert_id=str, alert_input=asked)
        ]
        alert = open_alerts.by_row.get(row)
        last = revised[-1] if revised and alert is None else None
        told.append(
            Told(
                float(largest[0]),
                any(one.opened_on == day for one in revised),
                None if alert is None else alert.quiet_since,
                None if last is None else last.ending,
                None if last is None else last.withdrawal,
            )
        )
    return told


class NeverTakesBack(Corrections):
    def doubt(self, row: int, alert: OpenAlert) -> Doubt:
        del row, alert
        return NO_DOUBT


def _outcome(change: Change) -> Outcome:
    at = Seconds(start_of_day(Day(change.judged_on)) + DAY / 2)
    verdict = Verdict.BAD if change.bad else Verdict.GOOD
    return Outcome(
        PATTERN,
        sale_of(change.judged_on, change.number),
        AGENT,
        Cell("card"),
        at,
        at,
        Verdict.EXCLUDED if change.bad is None else verdict,
    )


def _before(verdicts: dict[SaleId, bool | None], change: Change) -> Verdict:
    """Return the verdict known before a change, and remember the new one."""
    sale_id = sale_of(change.judged_on, change.number)
    before = verdicts[sale_id]
    verdicts[sale_id] = change.bad
    return Verdict.BAD if before else Verdict.GOOD
