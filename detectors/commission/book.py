"""The commissions of the sales of some accounts: what becomes of each, day by day.

What is told of a sale at the end of a day is a function of three things as they stand then: the
facts about the sale, the *critical* alerts that are open about its seller, and what could be seen
of its window. Only one thing depends on what was told before: what was released is not held any
more. So neither the order of arrival nor the partitions matter.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from detectors.basis.event_time import Day, Seconds, day_of, end_of_day, moment
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.commission.action import (
    Action,
    Because,
    CommissionAction,
    commission_id,
    reason_of,
)
from detectors.commission.course import BookState, Course, Told
from detectors.facts.account import Verdict
from detectors.messages.commissions import CommissionFact, OpenCritical
from detectors.sight.stretch import EVERYWHERE, Blindness, Kind, Look

CANCELLED: Final[Kind] = "cancellation"
_KINDS: Final = frozenset((CANCELLED,))

_Key = tuple[AccountId, SaleId]


class CommissionBook:
    """Decides what becomes of commissions.

    Order of calls: `decide` for each day, in order.

    Parameters
    ----------
    window
        The window of the settings.
    forgiven
        How many seconds before its sale a cancellation may lie as it is looked for.
    kept_days
        For how many days after it was made a sale is remembered: nothing changes it after that. One
        that is held is remembered for longer.
    config_hash
        That of the settings.
    """

    def __init__(self, window: str, forgiven: float, kept_days: int, config_hash: str) -> None:
        self._window: Final = window
        self._forgiven: Final = forgiven
        self._kept_days: Final = kept_days
        self._config_hash: Final = config_hash
        self.restore(BookState())

    def __len__(self) -> int:
        """Count the sales that are remembered."""
        return len(self._courses)

    def held(self) -> int:
        """Count the sales whose commission is held."""
        known = [one.told for one in self._courses.values()]
        return sum(one is not None and one.action == "hold" for one in known)

    def snapshot(self) -> BookState:
        """Return the whole state; it shares records with this object: encode it at once."""
        courses = [self._courses[key] for key in sorted(self._courses)]
        return BookState(courses, self._critical, self._blind)

    def restore(self, state: BookState) -> None:
        """Restore a state that `snapshot` returned."""
        self._courses: dict[_Key, Course] = {}
        self._of_agent: dict[AgentId, set[_Key]] = {}
        self._due_to_go: dict[Day, list[_Key]] = {}
        self._critical = state.critical
        self._by_agent = _by_agent(state.critical)
        self._blind = state.blind
        for course in state.courses:
            for fact in course.facts():
                key = (fact.account_id, fact.sale_id)
                self._courses[key] = course
                self._plan(key, fact)
                if fact is course.made:
                    self._of_agent.setdefault(fact.agent_id, set()).add(key)

    def decide(
        self,
        day: Day,
        facts: Iterable[CommissionFact],
        critical: Sequence[OpenCritical],
        blindness: Blindness,
    ) -> list[CommissionAction]:
        """Return what changes at the end of a day, in the order of accounts and sales.

        Parameters
        ----------
        day
            The day, after those that were decided.
        facts
            What became known by its end, in any order.
        critical
            The alerts that were open at its end, in order.
        blindness
            What could not be seen, as of its end.
        """
        concerned = {self._learn(fact) for fact in facts}
        if critical != self._critical:
            for one in {*critical} ^ {*self._critical}:
                concerned |= self._of_agent.get(one.agent_id, set())
            self._critical, self._by_agent = list(critical), _by_agent(critical)
        blind = blindness.of(CANCELLED)
        if blind != self._blind:
            concerned |= self._of_sites({one.site for one in {*blind} ^ {*self._blind}})
            self._blind = blind
        sight = Blindness(blind)
        actions = [action for key in sorted(concerned) for action in self._changed(key, day, sight)]
        self._forget(day)
        return actions

    def _learn(self, fact: CommissionFact) -> _Key:
        key = (fact.account_id, fact.sale_id)
        course = self._courses.setdefault(key, Course())
        known = course.made if fact.phase == "made" else course.due
        if known is not None and _age(known) >= _age(fact):
            return key
        self._plan(key, fact)
        if fact.phase == "due":
            course.due = fact
            return key
        self._leave(known, key)
        self._of_agent.setdefault(fact.agent_id, set()).add(key)
        course.made = fact
        return key

    def _of_sites(self, sites: Collection[str]) -> set[_Key]:
        """Return the sales whose windows were looked at, and that some sites may tell of."""
        some = ((key, one.due) for key, one in self._courses.items() if one.due is not None)
        return {key for key, due in some if EVERYWHERE in sites or due.site in sites}

    def _changed(self, key: _Key, day: Day, sight: Blindness) -> Iterator[CommissionAction]:
        """Yield what is to be told of a sale now, if that is something else than before."""
        course = self._courses[key]
        made, told = course.made, course.told
        if made is None:
            return
        held = self._covering(made, told)
        action, because = self._wanted(course, made, held, sight)
        if told is None and because in ("lifted", "nobody"):
            return
        alert_id = None if action != "hold" or held is None else held.alert_id
        agent_id = made.agent_id if made.verdict is Verdict.GOOD else None
        revision = 1 if told is None else told.revision + 1
        new = Told(revision, action, because, agent_id, alert_id, made.amount)
        if told is not None and new.says == told.says:
            return
        course.told = new
        yield CommissionAction(
            commission_id=commission_id(made.account_id, made.sale_id),
            revision=revision,
            action=action,
            sale_id=made.sale_id,
            account_id=made.account_id,
            agent_id=agent_id,
            amount=made.amount,
            reason=reason_of(because, made, self._window, held),
            alert_id=alert_id,
            sold_at=moment(made.sold_at),
            window=self._window,
            window_ends_at=moment(made.due_at),
            decided_at=moment(end_of_day(day)),
            config_hash=self._config_hash,
        )

    def _wanted(
        self,
        course: Course,
        made: CommissionFact,
        held: OpenCritical | None,
        sight: Blindness,
    ) -> tuple[Action, Because]:
        """Return what is to be done about a sale that `held` covers, and why."""
        if made.verdict is not Verdict.GOOD:
            return "none", "nobody"
        due, told = course.due, course.told
        if due is None or (due.sold_at, due.agent_id) != (made.sold_at, made.agent_id):
            due = None  # of another claim about the sale: the window of this one is open
        if due is not None and due.verdict is Verdict.BAD:
            return "claw_back", "came_back"
        last = None if told is None else (told.action, told.agent_id)
        was_released = last == ("release", made.agent_id)
        because = self._found(due, sight)
        if held is not None and not (because == "kept" and was_released):
            return "hold", "alert"
        return ("release" if because == "kept" else "none"), because

    def _found(self, due: CommissionFact | None, sight: Blindness) -> Because:
        """Return what is known by now of whether a product was kept that did not come back.

        What is only suspected to be unseen counts as seen, as everywhere: once it turns out that it
        could not be seen, what was told is taken back.
        """
        if due is None:
            return "lifted"
        if due.verdict is Verdict.EXCLUDED:
            return "unclear"
        since = Seconds(due.sold_at - self._forgiven)
        look = sight.look(_KINDS, due.site, since, due.due_at)
        return "unseen" if look >= Look.UNSEEN else "kept"

    def _covering(self, made: CommissionFact, told: Told | None) -> OpenCritical | None:
        """Return the alert that covers a sale: the one that was told, else the earliest."""
        sold_on = day_of(made.sold_at)
        covering = [one for one in self._by_agent.get(made.agent_id, ()) if one.since <= sold_on]
        if told is not None and told.alert_id is not None:
            same = [one for one in covering if one.alert_id == told.alert_id]
            covering = same or covering
        return min(covering, default=None)

    def _plan(self, key: _Key, fact: CommissionFact) -> None:
        gone_on = Day(day_of(fact.sold_at) + self._kept_days)
        self._due_to_go.setdefault(gone_on, []).append(key)

    def _forget(self, day: Day) -> None:
        """Forget the sales that nothing can change any more, but for those that are held."""
        for gone_on in sorted(one for one in self._due_to_go if one <= day):
            for key in self._due_to_go.pop(gone_on):
                course = self._courses.get(key)
                if course is None:
                    continue
                if max(day_of(fact.sold_at) for fact in course.facts()) + self._kept_days > day:
                    continue  # a later claim about it has a day of its own
                if course.told is not None and course.told.action == "hold":
                    self._due_to_go.setdefault(Day(day + 1), []).append(key)
                    continue
                del self._courses[key]
                self._leave(course.made, key)

    def _leave(self, made: CommissionFact | None, key: _Key) -> None:
        """Note that a sale is none of an agent any more."""
        if made is not None:
            own = self._of_agent[made.agent_id]
            own.discard(key)
            if not own:
                del self._of_agent[made.agent_id]


def _age(fact: CommissionFact) -> tuple[Seconds, int]:
    return fact.known_at, fact.revision


def _by_agent(critical: Iterable[OpenCritical]) -> dict[AgentId, list[OpenCritical]]:
    found: dict[AgentId, list[OpenCritical]] = {}
    for one in critical:
        found.setdefault(one.agent_id, []).append(one)
    return found
