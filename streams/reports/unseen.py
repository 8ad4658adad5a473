"""What was not seen, in sentences: it comes before everything that was found."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from detectors.events.event import EVENT_TYPES
from detectors.ledger.matches import MatchCounts
from streams.files.detection import EventKind, RecordCounts
from streams.files.shortfall import Tally
from streams.printable import printable
from streams.reports.names import counted, moment_in_words

NO_GAP: Final = "No gap is known in what was read."

NOTHING_SENT: Final = "What no source has sent cannot be seen from here."

NO_SOURCES: Final = (
    "This report was made from alerts alone. Whether every source and worker was there, it cannot "
    "see: ask whoever is on call, or look at the alerts AboveboardNoWorker and "
    "AboveboardSourceSilent."
)

SILENT_AFTER: Final = timedelta(days=3)
"""A source whose newest event lies so long before the end counts as silent: a weekend is none."""

ENOUGH: Final = 20
ONE_IN: Final = 100
"""So many that met nothing, and fewer than one in so many that did, are no accident."""

_PLURALS: Final = {
    "sale": "sales",
    "cancellation": "cancellations",
    "account_activity": "activities of accounts",
}

_REASONS: Final = {
    "not_json": "no JSON object",
    "invalid_field": "a field that cannot be used",
    "impossible_time": "a time that cannot be",
    "too_large": "too large",
    "too_late": "too late to be applied",
    "unknown_source": "of a source that nobody has named",
}

_MISSED: Final = {
    "sale": "Without sales nobody can be judged.",
    "cancellation": "No sale can be told as cancelled: that nobody is accused of it says nothing.",
    "account_activity": "Whether accounts are used cannot be told: an account named unused may be "
    "in use.",
}


class SourceRead(NamedTuple):
    """What was read of one kind of event: how many took effect, or changed nothing, the newest."""

    name: str
    applied: int
    unchanged: int
    newest: datetime | None


class Unmatched(NamedTuple):
    """A kind of fact, the id by which it meets a sale, how many did, and how many did not."""

    what: str
    join: str
    met: int
    lone: int


class Unseen(NamedTuple):
    """What could not be seen.

    Attributes
    ----------
    sources
        A sentence for each time in which a source could not be seen, and for each that is silent or
        has no events.
    lost
        A sentence for each other gap that may change a verdict.
    notes
        What is usual, and still worth a look.
    limits
        What a report of this kind can never see.
    read
        What was read, by kind of event; empty where that is not known.
    """

    sources: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    read: tuple[SourceRead, ...] = ()
    limits: tuple[str, ...] = (NOTHING_SENT,)

    def loud(self) -> tuple[str, ...]:
        """Return what must be read first."""
        return (*self.sources, *self.lost)

    def told(self) -> tuple[str, ...]:
        """Return everything that is told without being asked; that there is no gap, if so."""
        return (*(self.loud() or (NO_GAP,)), *self.limits)


class TopicRead(Struct):
    """What was read of a topic of alerts: records of other programs, and the newest alert."""

    strangers: int = 0
    newest: datetime | None = None

    def saw(self, stored: datetime) -> None:
        """Count an alert that the broker stored at that time."""
        self.newest = stored if self.newest is None else max(self.newest, stored)


def unseen_in_topic(read: TopicRead, holes: Iterable[str]) -> Unseen:
    """Return what a report on a topic of alerts does not see; `holes` are those of the alerts."""
    lost = [printable(hole) for hole in holes]
    if read.strangers:
        verb = "is" if read.strangers == 1 else "are"
        strangers = counted(read.strangers, "record")
        lost.append(f"{strangers} of the topic {verb} no alert of ours.")
    if read.newest is None:
        lost.append("No alert was ever published here. Has a worker run?")
        newest = ""
    else:
        newest = f" The newest alert was stored on {moment_in_words(read.newest)}."
    return Unseen(lost=tuple(lost), limits=(f"{NO_SOURCES}{newest}",))


def unseen_in_files(
    counts: RecordCounts,
    tally: Tally,
    matches: MatchCounts,
    holes: Iterable[str],
    judged_until: datetime | None,
    blind: Iterable[str] = (),
) -> Unseen:
    """Return what a run over files did not see.

    `holes` are those on which alerts rest; `blind` says when a source could not be seen.
    """
    read = tuple(_read(counts, name, kind) for name, kind in EVENT_TYPES.items())
    return Unseen(
        sources=(*blind, *_silent(read, judged_until)),
        lost=(
            *_refused(counts, tally),
            *(f"Input: {printable(hole)}." for hole in tally.holes),
            *_unmatched(matches),
            *map(printable, holes),
            *_not_judged(judged_until),
        ),
        notes=(
            *_repaired(counts),
            *_left_out(counts),
            *_lone(matches),
            *_contested(matches),
            *_oversized(matches),
        ),
        read=read,
    )


def _read(counts: RecordCounts, name: str, kind: EventKind) -> SourceRead:
    return SourceRead(
        _PLURALS[name], counts.applied[kind], counts.unchanged[kind], counts.newest.get(kind)
    )


def _silent(read: Sequence[SourceRead], judged_until: datetime | None) -> Iterator[str]:
    for name, source in zip(EVENT_TYPES, read, strict=True):
        if source.newest is None:
            yield f"No {source.name} were read. {_MISSED[name]}"
        elif judged_until is not None and source.newest < judged_until - SILENT_AFTER:
            days = (judged_until - source.newest).days
            yield (
                f"The newest of the {source.name} is of {moment_in_words(source.newest)}, "
                f"{counted(days, 'day')} before the end. Was the source silent? {_MISSED[name]}"
            )


def _refused(counts: RecordCounts, tally: Tally) -> Iterator[str]:
    for reason, number in sorted(counts.rejected.items()):
        words = _REASONS.get(reason, printable(reason))
        yield (
            f"{counted(number, 'record')} of {counts.records():,} did not count: {words}. "
            f"The first: {printable(tally.refusals.first.get(reason, ''))}"
        )
    if counts.refused_fields:
        yield f"Fields for which records were refused: {_numbers(counts.refused_fields.items())}."


def _repaired(counts: RecordCounts) -> Iterator[str]:
    unknown = [
        (f"{one.event_type}.{one.field}", number)
        for one, number in counts.repaired.items()
        if one.repair != "read"
    ]
    if unknown:
        yield (
            "Values that could not be read, or are on no list, count as unknown: "
            f"{_numbers(unknown)}."
        )


def _left_out(counts: RecordCounts) -> Iterator[str]:
    later = counts.after_until.total()
    if later:
        yield f"{counted(later, 'record')} after the time that was asked for were left out."


def hardly_matched(matches: MatchCounts) -> Iterator[Unmatched]:
    """Yield the kinds of facts of which hardly any met a sale.

    After its window a cancellation meets no sale, and neither do customers of old: many of them are
    nothing strange, but that hardly any met one is.
    """
    for kind in (
        Unmatched("cancellations", "sale_id", matches.cancelled, matches.lone_cancellations),
        Unmatched("accounts in use", "account_id", matches.used, matches.lone_accounts),
    ):
        if kind.lone >= ENOUGH and kind.met < kind.lone / ONE_IN:
            yield kind


def _unmatched(matches: MatchCounts) -> Iterator[str]:
    for kind in hardly_matched(matches):
        yield (
            f"Hardly any {kind.what} met a sale ({kind.met:,} did, {kind.lone:,} did not). Two "
            f"systems may spell {kind.join} differently: then verdicts are wrong."
        )


def _lone(matches: MatchCounts) -> Iterator[str]:
    if matches.lone_sales:
        yield (
            f"{matches.lone_sales:,} of {matches.sales:,} sales that are over with met neither a "
            "use nor a cancellation."
        )
    if matches.lone_cancellations:
        yield (
            f"{counted(matches.lone_cancellations, 'cancellation')} met no sale, or came after "
            "its window."
        )
    if matches.lone_accounts:
        yield f"{counted(matches.lone_accounts, 'account')} in use met no sale."


def _contested(matches: MatchCounts) -> Iterator[str]:
    if matches.contested:
        yield (
            "Records contradict each other about some sales: "
            f"{_numbers(sorted(matches.contested.items()))}."
        )
    if matches.corrected:
        yield f"A greater version corrected some sales: {_numbers(matches.corrected.items())}."
    if matches.merged:
        accounts = counted(matches.merged, "account")
        yield f"{accounts} became part of another: what came after it belongs to no sale."
    if matches.merged_agents:
        ids = counted(matches.merged_agents, "id")
        yield f"{ids} of agents became part of another: see corrections.agents."


def _oversized(matches: MatchCounts) -> Iterator[str]:
    if matches.oversized:
        accounts = counted(matches.oversized, "account")
        yield f"{accounts} of more sales than one customer makes: of such use nothing is told."


def _not_judged(judged_until: datetime | None) -> Iterator[str]:
    if judged_until is None:
        yield "Nothing was judged: no two accounts have events near each other in time."


def _numbers(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{printable(name)} {number:,}" for name, number in sorted(pairs))
