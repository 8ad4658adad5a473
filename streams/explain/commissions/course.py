"""What is told of the commission of one sale, day by day, in plain Python.

Written apart from `detectors.commission`: from the verdicts on the sale as they became known, and
from the *critical* alerts about agents, every day anew. Only the words are the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from detectors.alerts.alert import Alert
from detectors.alerts.data_quality import time_of
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds, day_of, end_of_day, moment, seconds_at
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.commission.action import (
    Action,
    Because,
    CommissionAction,
    commission_id,
    reason_of,
)
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.messages.commissions import CommissionFact, OpenCritical
from detectors.patterns import SalePattern
from detectors.patterns.commission import COMMISSION
from detectors.settings import Settings
from detectors.sight.stretch import EVERYTHING_SEEN, Blindness, Kind, Look
from streams.explain.accounts.sale_course import Arrived, Followed, SaleCourse

CANCELLED: Final[frozenset[Kind]] = frozenset(("cancellation",))


class Cover(NamedTuple):
    """A revision of an alert about an agent, and whether it makes the alert open and critical."""

    alert_id: str
    agent_id: AgentId
    since: Day
    updated_at: Seconds
    is_critical: bool


def cover_of(alert: Alert) -> Cover | None:
    """Return what an alert says of commissions; nothing if it is about no agent."""
    if alert.subject.type != "agent" or alert.agent_id is None:
        return None
    is_critical = (alert.status, alert.severity) == ("open", "critical")
    since, _ = time_of(alert)
    return Cover(
        alert.alert_id, alert.agent_id, day_of(since), seconds_at(alert.updated_at), is_critical
    )


def open_at(covers: Iterable[Cover], at: Seconds) -> list[Cover]:
    """Return the alerts that are open and critical at a time."""
    latest = {one.alert_id: one for one in covers if one.updated_at <= at}
    return [one for one in latest.values() if one.is_critical]


def spans(covers: Sequence[Cover]) -> Iterator[tuple[Cover, Seconds | None]]:
    """Yield each time an alert became critical, and when it was so no more; None while it is."""
    begun: dict[str, Cover] = {}
    for one in covers:
        since = begun.get(one.alert_id)
        if since is not None and (not one.is_critical or one.since != since.since):
            yield begun.pop(one.alert_id), one.updated_at
        if one.is_critical:
            begun.setdefault(one.alert_id, one)
    yield from ((one, None) for one in begun.values())


class Heard(NamedTuple):
    """A verdict on a record of the sale, and when (seconds) it became known."""

    known_at: Seconds
    sale: SaleRecord
    verdict: Verdict


class Told(NamedTuple):
    """What is told of a sale at the end of a day."""

    action: Action
    because: Because
    agent_id: AgentId | None
    alert_id: str | None
    amount: float | None


class _Verdicts(SaleCourse):
    """Keeps every verdict on the sales of an account; those of nobody are no agent's."""

    def __init__(
        self,
        settings: Settings,
        pattern: SalePattern,
        account_id: AccountId,
        arrived: Iterable[Arrived],
        watermark: Seconds,
    ) -> None:
        self.heard: Final = list[Heard]()
        super().__init__(settings, pattern, account_id, arrived, watermark)

    def amount(self, sale: SaleRecord) -> float | None:
        """Return the commission that a record names."""
        return sale.numbers[[one.field for one in self.numbers].index(COMMISSION.field)]

    def hear(
        self, followed: Followed, before: Verdict, account: Account, known_at: Seconds
    ) -> None:
        """Keep it."""
        del before, account
        if followed.sale.agent_id is not None:
            self.heard.append(Heard(known_at, followed.sale, followed.verdict))

    def is_told_as(self, known: SaleRecord, record: SaleRecord) -> bool:
        """Return whether they name the same commission, too."""
        return super().is_told_as(known, record) and known.numbers == record.numbers


class CommissionCourse:
    """The revisions of what is told of the commission of one sale.

    Parameters
    ----------
    settings
        All settings.
    account_id, sale_id, arrived
        The sale, and the events of its account in the order in which they came.
    watermark
        The time (seconds) up to which everything has come.
    covers
        The revisions of alerts about agents, in the order of their times.
    blindness
        What could not be seen, as if that had been known from the first day on.

    Attributes
    ----------
    length
        Of the window, in seconds.
    made, due
        The verdicts on it that became known: whether it is a sale, and whether its product came
        back.
    amount
        Gives the commission that a record of the sale names.
    revisions
        What is told.
    """

    def __init__(
        self,
        settings: Settings,
        account_id: AccountId,
        sale_id: SaleId,
        arrived: Sequence[Arrived],
        watermark: Seconds,
        covers: Sequence[Cover],
        blindness: Blindness = EVERYTHING_SEEN,
    ) -> None:
        self._settings: Final = settings
        self._account_id: Final = account_id
        self.length: Final = seconds_of(settings.commission.window)
        self._covers: Final = covers
        self._blindness: Final = blindness
        kept = settings.longest() + seconds_of(settings.time.corrections_for)
        self._kept_days: Final = int(kept // DAY) + 2
        made, due = (
            _Verdicts(settings, question, account_id, arrived, watermark)
            for question in settings.commission.asked()
        )
        self.made: Final = [one for one in made.heard if one.sale.sale_id == sale_id]
        self.due: Final = [one for one in due.heard if one.sale.sale_id == sale_id]
        self.amount: Final = made.amount
        # The last day whose successor was judged: an action comes a day after its alerts.
        self.revisions: Final = list(self._told(Day(day_of(watermark) - 2)))

    def _told(self, last: Day) -> Iterator[CommissionAction]:
        told: Told | None = None
        revision = 0
        for number in range(
            min((day_of(one.known_at) for one in self.made), default=last), last + 1
        ):
            day = Day(number)
            made, due = _latest(self.made, day), _latest(self.due, day)
            if made is None:
                continue
            cover = self._covering(made.sale, day, told)
            new = self._wanted(made, due, cover, told)
            is_news = told is not None or new.because not in ("lifted", "nobody")
            if is_news and new != told:
                told, revision = new, revision + 1
                yield self._action(made.sale, new, cover, revision, day)
            newest = max(day_of(one.sale.at) for one in (made, due) if one is not None)
            if day >= newest + self._kept_days and (told is None or told.action != "hold"):
                return  # it is forgotten

    def _wanted(
        self, made: Heard, due: Heard | None, cover: Cover | None, told: Told | None
    ) -> Told:
        """Return what the contract and the alerts say of a sale by now."""
        sale, amount = made.sale, self.amount(made.sale)
        if made.verdict is not Verdict.GOOD:
            return Told("none", "nobody", None, None, amount)
        if due is None or (due.sale.at, due.sale.agent_id) != (sale.at, sale.agent_id):
            because: Because = "lifted"
        elif due.verdict is Verdict.BAD:
            return Told("claw_back", "came_back", sale.agent_id, None, amount)
        elif due.verdict is not Verdict.GOOD:
            because = "unclear"
        elif self._is_unseen(due.sale):
            because = "unseen"
        else:
            because = "kept"
        is_paid = told is not None and (told.action, told.agent_id) == ("release", sale.agent_id)
        if cover is not None and not (is_paid and because == "kept"):
            return Told("hold", "alert", sale.agent_id, cover.alert_id, amount)
        action: Action = "release" if because == "kept" else "none"
        return Told(action, because, sale.agent_id, None, amount)

    def _is_unseen(self, sale: SaleRecord) -> bool:
        since = Seconds(sale.at - self._settings.time.forgiven)
        until = Seconds(sale.at + self.length)
        return self._blindness.look(CANCELLED, sale.site, since, until) >= Look.UNSEEN

    def _covering(self, sale: SaleRecord, day: Day, told: Told | None) -> Cover | None:
        """Return the alert that covers a sale at the end of a day; the one before, if it does."""
        covering = [
            one
            for one in open_at(self._covers, end_of_day(day))
            if one.agent_id == sale.agent_id and one.since <= day_of(sale.at)
        ]
        if told is not None:
            same = [one for one in covering if one.alert_id == told.alert_id]
            covering = same or covering
        return min(covering, key=lambda one: (one.since, one.alert_id), default=None)

    def _action(
        self, sale: SaleRecord, told: Told, cover: Cover | None, revision: int, day: Day
    ) -> CommissionAction:
        window, due_at = self._settings.commission.window, Seconds(sale.at + self.length)
        held = cover and OpenCritical(cover.agent_id, cover.since, cover.alert_id)
        fact = CommissionFact(
            self._account_id,
            sale.sale_id,
            "made",
            0,
            sale.at,
            sale.agent_id or AgentId(""),
            sale.at,
            due_at,
            Verdict.GOOD,
        )
        return CommissionAction(
            commission_id=commission_id(self._account_id, sale.sale_id),
            revision=revision,
            action=told.action,
            sale_id=sale.sale_id,
            account_id=self._account_id,
            agent_id=told.agent_id,
            amount=told.amount,
            reason=reason_of(told.because, fact, window, held),
            alert_id=told.alert_id,
            sold_at=moment(sale.at),
            window=window,
            window_ends_at=moment(due_at),
            decided_at=moment(end_of_day(day)),
            config_hash=self._settings.config_hash,
        )


def _latest(heard: Sequence[Heard], day: Day) -> Heard | None:
    """Return the verdict that holds at the end of a day: the one that became known last."""
    known = [one for one in heard if day_of(one.known_at) <= day]
    return max(enumerate(known), key=lambda one: (one[1].known_at, one[0]))[1] if known else None
