"""The sales that an alert names, each with what became of it, from the events in the read model."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from detectors.alerts.alert import Alert
from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import (
    AccountActivity,
    AccountMerged,
    AnyEvent,
    Cancellation,
    Event,
    Sale,
)
from detectors.settings import Settings
from streams.desk.model.intake import microseconds, moment_of
from streams.desk.model.read_model import ReadModel
from streams.wire.lookup_record import ShownSubject
from streams.wire.topics import EVENT_TOPICS, Topic

MOST_SALES: Final = 100
"""Sales that are shown: an account that many customers share has no end of them."""

_MOST_NAMED: Final = 400
"""Events of an alert that are looked up; it names at most some hundred."""

MOST_STEPS: Final = 12
"""Steps of one sale that are shown: an account that is used daily has hundreds."""

SAMPLE: Final = 5

MERGED: Final = "merged"

_MOST_READ: Final = 400
"""Events of one account that are read: one that many customers share has no end of them."""


_FOLLOWS: Final = "account_id = ? AND (sale_id = ? OR occurred_at >= ?)"
_PER_SECOND: Final = 1_000_000


class Step(NamedTuple):
    """Something that happened to a sale or its account.

    ``what`` and ``why`` are words of the contract (``cancellation``, ``customer_request``), ``by``
    who did it, ``agent_id`` who keyed it, ``told`` what else the source said. ``named``: the alert
    names this event.
    """

    at: datetime
    learned_at: datetime | None
    what: str
    why: str
    by: str
    agent_id: str | None
    told: str
    named: bool


class SoldLine(NamedTuple):
    """A sale and what followed; ``more`` is how many later steps are not among them."""

    sale: Sale
    learned_at: datetime
    steps: tuple[Step, ...]
    more: int


class SalesNamed(NamedTuple):
    """The sales of an alert: ``missing`` of the events that it names are not in the read model."""

    lines: tuple[SoldLine, ...]
    named: int
    missing: int

    def subjects(self) -> Iterator[ShownSubject]:
        """Yield whom they name."""
        for line in self.lines:
            yield ShownSubject("account", line.sale.account_id)
            people = (line.sale.agent_id, line.sale.verifier_id)
            for agent_id in (*people, *(step.agent_id for step in line.steps)):
                if agent_id is not None:
                    yield ShownSubject("agent", agent_id)
            for step in line.steps:
                if step.what == MERGED:
                    yield ShownSubject("account", step.told)


class SalesReader:
    """Reads sales and what followed, with the decoders of the detectors.

    Parameters
    ----------
    model
        In which the events are.
    settings
        How records are read, and how ids of agents are spelt.
    """

    def __init__(self, model: ReadModel, settings: Settings) -> None:
        self._model: Final = model
        self._decoders: Final[Mapping[Topic, EventDecoder]] = {
            topic: EventDecoder(settings.limits, kind, settings.identities)
            for topic, kind in EVENT_TOPICS.items()
        }
        self._tolerance: Final = seconds_of(settings.time.tolerance)

    def named_by(self, alert: Alert) -> SalesNamed:
        """Return the sales that an alert names; of one about an account, all of the account."""
        named, found = frozenset(alert.event_ids), dict[str, tuple[Sale, datetime]]()
        missing, cancelled = 0, list[str]()
        for event_id in alert.event_ids[:_MOST_NAMED]:
            event, learned_at = self._first(event_id) or (None, None)
            missing += event is None
            if isinstance(event, Sale) and learned_at is not None:
                found.setdefault(event.sale_id, (event, learned_at))
            elif isinstance(event, Cancellation):
                cancelled.append(event.sale_id)
        for sale_id in cancelled:
            first = None if sale_id in found else self._sale(sale_id)
            if first is not None:
                found[sale_id] = first
        if alert.subject.type == "account":
            for one, learned_at in self._sales_of(alert.subject.id):
                if isinstance(one, Sale) and len(found) < MOST_SALES:
                    found.setdefault(one.sale_id, (one, learned_at))
        sold = sorted(found.values(), key=lambda one: (one[0].occurred_at, one[0].sale_id))
        lines = [self._line(*one, named) for one in sold[:MOST_SALES]]
        return SalesNamed(tuple(lines), len(alert.event_ids), missing)

    def _first(self, event_id: str) -> tuple[AnyEvent, datetime] | None:
        found = self._events(
            "SELECT topic, learned_at, record FROM events WHERE event_id = ? ORDER BY place",
            event_id,
        )
        return next(found, None)

    def _sale(self, sale_id: str) -> tuple[Sale, datetime] | None:
        """Return the first claim about a sale."""
        found = self._events(
            "SELECT topic, learned_at, record FROM events WHERE sale_id = ? ORDER BY place",
            sale_id,
        )
        return next(((one, at) for one, at in found if isinstance(one, Sale)), None)

    def _sales_of(self, account_id: str) -> Iterator[tuple[AnyEvent, datetime]]:
        return self._events(
            "SELECT topic, learned_at, record FROM events WHERE account_id = ? "
            "AND sale_id IS NOT NULL ORDER BY occurred_at, place LIMIT ?",
            account_id,
            _MOST_READ,
        )

    def _after(self, sale: Sale) -> Iterator[tuple[AnyEvent, datetime]]:
        """Yield what may follow on a sale: whatever came before it on a busy account hides none."""
        return self._events(
            f"SELECT topic, learned_at, record FROM events WHERE {_FOLLOWS} "  # noqa: S608 - bound
            "ORDER BY occurred_at, place LIMIT ?",
            *self._follows_values(sale),
            _MOST_READ,
        )

    def _not_read(self, sale: Sale) -> int:
        """Return how many records of those are not read."""
        ((number,),) = self._model.ask(
            f"SELECT count(*) FROM events WHERE {_FOLLOWS}",  # noqa: S608 - bound
            self._follows_values(sale),
        )
        return max(0, int(number) - _MOST_READ)

    def _follows_values(self, sale: Sale) -> tuple[str, str, int]:
        begun = microseconds(sale.occurred_at) - round(self._tolerance * _PER_SECOND)
        return (sale.account_id, sale.sale_id, begun)

    def _events(self, sql: str, *values: str | int) -> Iterator[tuple[AnyEvent, datetime]]:
        # All at once: a reader that is left half read holds the log of the database back.
        for topic, learned_at, record in [*self._model.ask(sql, values)]:
            try:
                event = self._decoders[Topic(topic)].decode(record)
            except InvalidEvent:
                continue  # it counts for nobody, and is told as a dead letter
            yield event, moment_of(learned_at)

    def _line(self, sale: Sale, learned_at: datetime, named: frozenset[str]) -> SoldLine:
        steps, heard = list[Step](), set[str]()
        if sale.verified_at is not None:
            steps.append(
                Step(sale.verified_at, None, "verified", "", "", sale.verifier_id, "", named=False)
            )
        for event, learned in self._after(sale):
            step = self._step(sale, event, learned, named=event.event_id in named)
            if step is not None and event.event_id not in heard:
                heard.add(event.event_id)
                steps.append(step)
        steps.sort(key=lambda step: step.at)
        more = max(0, len(steps) - MOST_STEPS) + self._not_read(sale)
        return SoldLine(sale, learned_at, tuple(steps[:MOST_STEPS]), more)

    def _step(
        self, sale: Sale, event: AnyEvent, learned_at: datetime, *, named: bool
    ) -> Step | None:
        """Return what an event of the account means for a sale; None where it means nothing."""
        common = (event.occurred_at, learned_at)
        match event:
            case Cancellation() if event.sale_id == sale.sale_id:
                why, by, who = event.reason, event.initiated_by, event.agent_id
                return Step(*common, "cancellation", why, by, who, "", named)
            case AccountActivity() if self._follows(event, sale):
                told = event.result or ""
                by, who = event.initiated_by, event.agent_id
                return Step(*common, event.kind, "", by, who, told, named)
            case AccountMerged() if self._follows(event, sale):
                return Step(*common, MERGED, "", "", None, event.into_account_id, named)
            case _:
                return None

    def _follows(self, event: Event, sale: Sale) -> bool:
        return seconds_at(event.occurred_at) >= seconds_at(sale.occurred_at) - self._tolerance


def to_call_back(case_id: str, lines: Iterable[SoldLine]) -> Sequence[SoldLine]:
    """Return a few sales to ask the customers about: the same ones whoever looks, and when.

    They are drawn by a hash of the case and the sale, so nobody chooses which customers are asked.
    """

    def drawn(line: SoldLine) -> bytes:
        return hashlib.sha256(f"{case_id} {line.sale.sale_id}".encode()).digest()

    distinct = {line.sale.sale_id: line for line in lines}
    return sorted(distinct.values(), key=drawn)[:SAMPLE]
