"""What the summary says of records that could not be used, or not as they were sent."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from detectors.events.event import EVENT_TYPES
from detectors.ledger.matches import MatchCounts
from detectors.reading.fields import Repair
from streams.files.detection import EVENT_KINDS, RecordCounts
from streams.files.shortfall import Refusals
from streams.printable import printable
from streams.reports.unseen import hardly_matched
from streams.wire.dead_letter import DeadLetter

SHOWN_REJECTIONS: Final = 3
_SHOWN_RECORD: Final = 120

_REPAIRS: Final[dict[Repair, str]] = {
    "read": "fields in another form, read exactly",
    "other": "words that are on no list, taken as `other`",
    "unknown": "fields that could not be read, taken as unknown",
}


class ShownRejection(NamedTuple):
    """A rejected record as it is shown; the record itself may be large."""

    location: str
    detail: str
    beginning: str


class Rejections:
    """The rejected records: counted, and the first ones to be shown."""

    def __init__(self) -> None:
        self.counts: Final = Refusals()
        self.first: Final[list[ShownRejection]] = []

    def show(self, letter: DeadLetter) -> None:
        """Add a record to those that are shown, if it is among the first."""
        if len(self.first) < SHOWN_REJECTIONS:
            shown = ShownRejection(letter.location(), letter.detail, _beginning(letter.record))
            self.first.append(shown)


def not_used(counts: RecordCounts, rejections: Rejections, matches: MatchCounts) -> list[str]:
    """Return what was rejected or repaired, and what met nothing; no line if there is none."""
    lines = [f"  rejected: {count:,} {reason}" for reason, count in sorted(counts.rejected.items())]
    for rejection in rejections.first:
        lines.append(f"    {printable(rejection.location)}: {printable(rejection.detail)}")
        lines.append(f"      {rejection.beginning}")
    if counts.doubted:
        lines.append(
            f"  {counts.doubted:,} rejected records name an account: whether it was used is unclear"
        )
    lines.extend(_times(counts))
    lines.extend(_fields(counts))
    lines.extend(match_lines(matches))
    lines.extend(coverage_lines(matches))
    lines.extend(contested_lines(matches))
    if matches.oversized:
        lines.append(
            f"  {matches.oversized:,} accounts of more sales than limits.most_sales_on_account: "
            "nothing is told of their use"
        )
    return ["What could not be used, or not as it was sent", *lines] if lines else []


def _times(counts: RecordCounts) -> Iterator[str]:
    """Yield how many events came late, and what moved time far."""
    if counts.late.total():
        kinds = zip(EVENT_KINDS, EVENT_TYPES, strict=True)
        told = ", ".join(f"{counts.late[kind]:,} {name}" for kind, name in kinds)
        yield f"  later than time.allowed_lateness, and still accepted: {told}"
    if counts.leap is not None:
        place = f"line {counts.leap.line:,} of {printable(counts.leap.path)}"
        yield f"  time last moved by more than a day at {place}"


def match_lines(counts: MatchCounts) -> list[str]:
    """Return how many sales, cancellations and accounts in use met nothing, of those over with."""
    cancellations = counts.cancelled + counts.lone_cancellations
    if not (counts.sales or cancellations or counts.lone_accounts):
        return []
    lines = ["  met nothing, of what can meet nothing any more:"]
    if counts.sales:
        lines.append(
            f"    {counts.lone_sales:>10,} of {counts.sales:,} sales: no use and no cancellation"
        )
    if cancellations:
        lines.append(
            f"    {counts.lone_cancellations:>10,} cancellations: no sale, or after any window "
            f"(and {counts.cancelled:,} sales were cancelled)"
        )
    if counts.lone_accounts:
        lines.append(
            f"    {counts.lone_accounts:>10,} accounts in use: no sale "
            f"(and {counts.used:,} sales were used)"
        )
    lines.extend(
        f"    Hardly any {kind.what} met a sale: compare how the sources spell {kind.join}"
        for kind in hardly_matched(counts)
    )
    return lines


def coverage_lines(counts: MatchCounts) -> list[str]:
    """Return for each pattern how many sales it could not judge, for a field was missing."""
    return [
        f"  {pattern}: {known.unknown:,} of {known.sales:,} sales say too little to be judged"
        for pattern, known in sorted(counts.coverage.items())
        if known.unknown
    ]


def contested_lines(counts: MatchCounts) -> list[str]:
    """Return in what records of one sale contradict each other, and who keyed its end."""
    lines = []
    if counts.cancelled_by_seller:
        lines.append(
            f"  {counts.cancelled_by_seller:,} sales of which the seller keyed a cancellation, "
            "which no reason excuses"
        )
    if counts.contested:
        told = _by_field(counts.contested)
        lines.append(f"  sales about which records contradict each other, by field: {told}")
    if counts.unheeded:
        lines.append(
            f"  {counts.unheeded:,} of these records bear a `version`, which corrects none: "
            "see corrections.versions"
        )
    if counts.corrected:
        told = _by_field(counts.corrected)
        lines.append(f"  sales that a greater version corrected, by field: {told}")
    if counts.merged:
        accounts = "account" if counts.merged == 1 else "accounts"
        lines.append(
            f"  {counts.merged:,} {accounts} became part of another one: see corrections.merges"
        )
    if counts.merged_agents:
        ids = "id of an agent" if counts.merged_agents == 1 else "ids of agents"
        lines.append(
            f"  {counts.merged_agents:,} {ids} became part of another one: see corrections.agents"
        )
    return lines


def _by_field(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{field} {number:,}" for field, number in sorted(counts.items()))


def _fields(counts: RecordCounts) -> list[str]:
    """Return which fields refused records, and which had to be read leniently."""
    lines = []
    if counts.refused_fields:
        fields = sorted(counts.refused_fields.items())
        told = ", ".join(f"{name} {number:,}" for name, number in fields)
        lines.append(f"  refused for a field: {told}")
    for repair, what in _REPAIRS.items():
        fields = sorted(
            (f"{one.event_type}.{one.field}", number)
            for one, number in counts.repaired.items()
            if one.repair == repair
        )
        if fields:
            told = ", ".join(f"{name} {number:,}" for name, number in fields)
            lines.append(f"  {what}: {told}")
    return lines


def _beginning(record: bytes) -> str:
    """Return the first characters of what may be an event.

    Of anything else nothing is shown: a path may have been a mistyped one, of a file of passwords.
    """
    if not record.lstrip().startswith(b"{"):
        return f"({len(record):,} bytes that are no JSON object; --dead-letters FILE keeps them)"
    text = printable(record[:_SHOWN_RECORD].decode(errors="replace"))
    return f"{text}..." if len(record) > _SHOWN_RECORD else text
