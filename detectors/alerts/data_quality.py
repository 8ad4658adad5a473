"""What the events lack on which an alert rests."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import FactEvidence, ShiftEvidence
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds, moment, seconds_at
from detectors.messages.holes import Hole

_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = 86_400.0


def with_holes(alert: Alert, holes: Sequence[Hole], forgiven: float) -> Alert:
    """Return the alert with a sentence for each hole in the time on which it rests.

    `forgiven`: seconds before its sale that what belongs to it may be dated (`time.forgiven`).

    The same sentences follow whenever it is asked, before or after more has become known of a hole:
    nothing that lies after the alert is looked at. So a replay says the same.
    """
    if not holes:  # nearly always
        return alert
    first, until = time_of(alert)
    since = Seconds(first - forgiven)
    sentences = tuple(_sentence(hole, until) for hole in holes if _concerns(hole, since, until))
    if not sentences:
        return alert
    return msgspec.structs.replace(alert, data_quality=sentences)


def with_contested(alert: Alert, sales: int, days: int) -> Alert:
    """Return the alert with a sentence on the contested sales of the last `days`, if any."""
    if not sales:
        return alert
    about = "a sale" if sales == 1 else f"{sales:,} sales"
    sentence = (
        f"In the last {days} days claims contradicted each other about {about} that one of them "
        "says this agent made"
    )
    return _with(alert, sentence)


def with_corrected(alert: Alert, sales: int, days: int) -> Alert:
    """Return the alert with a sentence on sales of which corrections named another seller."""
    if not sales:
        return alert
    about = "a sale" if sales == 1 else f"{sales:,} sales"
    sentence = (
        f"In the last {days} days a later version named another agent for {about} that one version "
        "says this agent made"
    )
    return _with(alert, sentence)


def with_merged(alert: Alert, sales: int, days: int) -> Alert:
    """Return the alert with a sentence on sales that were left out since their account merged."""
    if not sales:
        return alert
    about = "a sale" if sales == 1 else f"{sales:,} sales"
    their = "its account" if sales == 1 else "their accounts"
    sentence = (
        f"In the last {days} days {about} of this agent did not count, for {their} became part of "
        "others: what happened there since could not be seen"
    )
    return _with(alert, sentence)


def with_verified(alert: Alert, asked: int, others: int, days: int) -> Alert:
    """Return the alert with a sentence on how the verified sales of the last `days` were chosen."""
    verified = asked + others
    if not verified:
        return alert
    sentence = (
        f"Of the {verified:,} verified sales of this agent that were judged in the last {days} "
        f"days, {asked:,} were chosen by Aboveboard, and weigh by the chance that each had of it; "
        f"{others:,} were verified on nobody's request, and count as they are"
    )
    return _with(alert, sentence)


def with_handed_over(alert: Alert, sales: int, days: int) -> Alert:
    """Return the alert with a sentence on sales that counted for another id of the same agent."""
    if not sales:
        return alert
    return _with(
        alert,
        f"In the last {days} days {_sales(sales)} made under this id counted for another one, of "
        "which a record says that it is the same agent",
    )


def with_taken_over(alert: Alert, sales: int, days: int) -> Alert:
    """Return the alert with a sentence on sales of another id that counted for this agent."""
    if not sales:
        return alert
    return _with(
        alert,
        f"In the last {days} days {_sales(sales)} made under another id counted for this agent: "
        "a record says that it is the same; what was told of that id before stands apart",
    )


def _sales(number: int) -> str:
    return "a sale" if number == 1 else f"{number:,} sales"


def _with(alert: Alert, sentence: str) -> Alert:
    return msgspec.structs.replace(alert, data_quality=(*(alert.data_quality or ()), sentence))


def with_unseen(alert: Alert, unseen: Sequence[str]) -> Alert:
    """Return the alert with a sentence for each stretch in which something could not be seen.

    `unseen`: what could not be seen, and when, as `detectors.sight.stretch` words it.
    """
    if not unseen:
        return alert
    told = alert.data_quality or ()
    sentences = tuple(f"{one}: sales of that time are left out" for one in unseen)
    return msgspec.structs.replace(alert, data_quality=(*told, *sentences))


def time_of(alert: Alert) -> tuple[Seconds, Seconds]:
    """Return between which times the facts lie on which an alert rests, in seconds.

    An outcome that matured on the first day is about a sale that was made a window earlier, and
    about all that happened since. An alert about an account opens when its one sale matures.
    """
    evidence = alert.evidence
    if isinstance(evidence, FactEvidence):
        start = seconds_at(alert.opened_at)
    else:
        start = Seconds((date.fromisoformat(evidence.likely_start) - _EPOCH).days * _DAY)
    window = 0.0 if isinstance(evidence, ShiftEvidence) else seconds_of(evidence.window)
    return Seconds(start - window), seconds_at(alert.updated_at)


def _concerns(hole: Hole, since: Seconds, until: Seconds) -> bool:
    # An alert that was due before its ledger came to the hole may have been emitted already, and
    # emitting it again must not change it. Without silence, no such alert reaches into the hole.
    if until <= hole.unknown_until:
        return False
    return (hole.since is None or hole.since < until) and (hole.until is None or hole.until > since)


def _sentence(hole: Hole, until: Seconds) -> str:
    # Not past the alert: where the hole ends is perhaps not known yet, but will be on a replay.
    end = until if hole.until is None else min(until, hole.until)
    since = "the beginning" if hole.since is None else _written(hole.since)
    records = (
        f"1 record (offset {hole.first})"
        if hole.first == hole.last
        else f"{hole.last - hole.first + 1} records (offsets {hole.first} to {hole.last})"
    )
    return (
        f"{hole.source} partition {hole.partition} lacks {records} of {since} to {_written(end)}: "
        "deleted before they were read"
    )


def _written(at: Seconds) -> str:
    return moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")
