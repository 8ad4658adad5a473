"""What a run of `aboveboard detect` says about itself at its end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from detectors.agents.alerting.budget import DAYS_PER_1000_AGENT_YEARS
from detectors.alerts.alert import Alert
from detectors.basis.event_time import BEGINNING, Seconds, moment
from detectors.cases.case import Case
from detectors.cases.figures import figures_of, precision
from detectors.events.event import EVENT_TYPES, WIRE_TYPES
from detectors.facts.questions import MOST_SHARING
from detectors.patterns.early import is_early
from detectors.sight.stretch import told_once
from streams.cli.not_used import Rejections, not_used
from streams.files.commended_lines import commended_lines
from streams.files.detection import Detection
from streams.files.market_lines import market_lines
from streams.files.record_counts import EventKind, RecordCounts
from streams.files.spellings import spelling_lines
from streams.files.traffic_lines import traffic_lines
from streams.files.unjudged import unjudged_lines
from streams.printable import printable

DAYS_PER_YEAR: Final = 365.0

MOST_STRETCHES: Final = 10
"""Times in which something could not be seen that a summary names, the first ones."""


class AlertKind(NamedTuple):
    """What the summary counts alerts by."""

    pattern: str
    severity: str
    status: str


class CurrentAlerts:
    """The latest revision of every alert, as far as a summary needs it."""

    def __init__(self) -> None:
        self._kinds: dict[str, AlertKind] = {}
        self._open_agents: dict[str, Alert] = {}
        self._open_accounts: set[str] = set()

    def update(self, alert: Alert) -> None:
        """Apply the next revision."""
        alert_id = alert.alert_id
        self._kinds[alert_id] = AlertKind(alert.pattern, alert.severity, alert.status)
        is_open = alert.status == "open"
        if alert.subject.type == "account":
            (self._open_accounts.add if is_open else self._open_accounts.discard)(alert_id)
        elif is_open:
            self._open_agents[alert_id] = alert
        else:
            self._open_agents.pop(alert_id, None)

    def open_about_agents(self) -> list[Alert]:
        """Return the open alerts about agents, sites and teams."""
        return list(self._open_agents.values())

    def open_about_accounts(self) -> int:
        """Count the open alerts about accounts."""
        return len(self._open_accounts)

    def counts(self) -> Counter[AlertKind]:
        """Count all alerts by kind."""
        return Counter(self._kinds.values())


def summary(
    detection: Detection,
    alerts: CurrentAlerts,
    rejections: Rejections,
    until: datetime | None,
    seconds: float,
) -> str:
    """Return what was read, what was found, and up to when; lines with an end each."""
    counts = detection.counts
    records = counts.records()
    rate = f" ({records / seconds:,.0f} a second)" if seconds > 0 else ""
    lines = [f"{records:,} records in {seconds:.1f} s{rate}"]
    for name, kind in WIRE_TYPES.items():
        if name in EVENT_TYPES or kind in counts.newest or kind in counts.after_until:
            lines.append(f"  {name:17}{_results(detection, kind)}")
    lines.extend(not_used(counts, rejections, detection.matches()))
    lines.append(f"{detection.outcomes:,} outcomes")
    for kind_of_alert, count in sorted(alerts.counts().items()):
        pattern, severity, status = kind_of_alert
        lines.append(f"  alerts: {count:,} {pattern}, {severity}, {status}")
    lines.extend(commended_lines(detection.commendations()))
    lines.extend(_unseen(detection))
    lines.extend(spelling_lines(detection.sellers()))
    lines.extend(market_lines(detection.markets()))
    lines.extend(_held_back(detection))
    lines.extend(unjudged_lines(detection.incomparable()))
    lines.extend(traffic_lines(detection.events_asked, counts.newest))
    lines.extend(_groups_not_judged(detection))
    lines.extend(_beyond_limits(detection))
    lines.extend(_shadow_null(detection))
    if counts.applied or counts.unchanged:
        lines.append(_judged_until(detection.watermark, until))
    return "".join(f"{line}\n" for line in lines)


def summary_of_decisions(counts: RecordCounts, cases: Sequence[Case], unmatched: int) -> str:
    """Return what people decided, and what became of the alerts; empty without decisions.

    `unmatched` decisions are about cases without alerts.
    """
    if not counts.decisions + counts.decisions_after_until:
        return ""
    figures = figures_of(cases)
    lines = [f"{counts.decisions:,} decisions of people"]
    if counts.decisions_after_until:
        lines.append(f"  {counts.decisions_after_until:,} decisions after --until")
    for reason, count in figures.refused.items():
        lines.append(f"  {count:,} refused: {reason}")
    if unmatched:
        lines.append(f"  {unmatched:,} about cases without alerts")
    for pattern, closings in figures.closings.items():
        share = precision(closings)
        right = "" if share is None else f", precision {share:.0%}"
        told = ", ".join(f"{count:,} {outcome}" for outcome, count in closings.items())
        lines.append(f"  {pattern}: {told}{right}")
    return "".join(f"{line}\n" for line in lines)


def _unseen(detection: Detection) -> Iterator[str]:
    """Yield what could not be seen, and what was left out for it."""
    stretches = told_once(detection.unseen())
    if not stretches:
        return
    yield "Could not be seen, though sales went on"
    for stretch in stretches[:MOST_STRETCHES]:
        yield f"  {printable(stretch.words)}"
    if len(stretches) > MOST_STRETCHES:
        yield f"  and {len(stretches) - MOST_STRETCHES:,} more times"
    for pattern, number in sorted(detection.left_out().items()):
        if number:
            yield f"  {pattern}: {number:,} outcomes left out; nothing is told of those sales"
    for pattern, number in sorted(detection.untold().items()):
        if number:
            yield f"  {pattern}: {number:,} accounts left out; nothing is told of them"


def _held_back(detection: Detection) -> Iterator[str]:
    """Yield about how many agents nothing was told, because their site or team rose with them."""
    for pattern, number in detection.held_back().items():
        agents = "agent was" if number == 1 else "agents were"
        yield (
            f"  held back: {number:,} {agents} not told of for {pattern}, for days at least: their "
            "site or team rose as well"
        )


def _groups_not_judged(detection: Detection) -> Iterator[str]:
    """Yield of each kind of groups how many were not judged, and why."""
    fewest = detection.fewest_others
    for kind, number in detection.groups_not_judged().items():
        if number:
            groups = f"{kind} was" if number == 1 else f"{kind}s were"
            others = "is no other" if fewest == 1 else f"are fewer than {fewest:,} others each"
            yield f"  {number:,} {groups} not judged: there {others}"


def _beyond_limits(detection: Detection) -> Iterator[str]:
    """Yield what was not judged, or in wider cells only, because of a limit, and the remedy."""
    outcomes = detection.not_judged()
    if outcomes:
        yield (
            f"  {outcomes:,} outcomes not judged: there are more agents than limits.most_agents; "
            "raise it, or look whether `agent_id` holds something else"
        )
    for field, number in sorted(detection.crowded().items()):
        yield (
            f"  {number:,} values of `{field}` had more than {MOST_SHARING:,} sales: patterns "
            "across accounts looked at the nearest only; look whether they are placeholders"
        )
    for kind, number in detection.groups_without_place().items():
        if number:
            yield (
                f"  {number:,} outcomes not judged for their {kind}: there are more than "
                f"limits.most_groups; raise it, or look whether `{kind}` holds something else"
            )
    if detection.is_out_of_room():
        yield (
            "  rare cells were judged by those around them: limits.largest_review is half full; "
            "leave a field with many values out of peers.cell, or raise it"
        )


def _shadow_null(detection: Detection) -> list[str]:
    """Return how many alerts the same outcomes gave when they were dealt out at random.

    Each tier has a budget of warnings for all of its patterns together; profiles give none.
    """
    counts = detection.shadow()
    if not counts:
        return []
    lines = ["Shadow null: alerts when the same outcomes are dealt out at random"]
    mature = early = 0.0
    for pattern, count in sorted(counts.items()):
        years = count.agent_days / DAYS_PER_YEAR
        lines.append(f"  {pattern:26}{count.alarms:>6,} in {years:,.1f} agent-years")
        rate = DAYS_PER_1000_AGENT_YEARS * count.alarms / max(1, count.agent_days)
        if is_early(pattern):
            early += rate
        elif pattern not in detection.profiles:
            mature += rate
    lines.append(f"  warnings per 1,000 agent-years: {mature:,.1f} at maturity, {early:,.1f} early")
    return lines


def _results(detection: Detection, kind: EventKind) -> str:
    counts = detection.counts
    parts = [f"{counts.applied[kind]:>10,} applied", f"{counts.unchanged[kind]:,} changed nothing"]
    if counts.after_until[kind]:
        parts.append(f"{counts.after_until[kind]:,} after --until")
    return ", ".join(parts)


def _judged_until(watermark: Seconds, until: datetime | None) -> str:
    if watermark == BEGINNING:
        return "Nothing was judged: no two accounts have events near each other in time."
    reached = moment(watermark).isoformat()
    if until is None:
        return (
            f"Judged up to {reached}, the newest event less the allowed lateness; "
            "--until TIME judges up to a time of your choice."
        )
    return f"Judged up to {reached}."
