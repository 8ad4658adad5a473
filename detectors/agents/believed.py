"""What can be believed of what the ledgers tell, and the alerts that follow from that alone."""

from collections.abc import Iterable, Iterator
from typing import Final, get_args

from msgspec import Struct, field

from detectors.agents.account_disputes import AccountDisputes, AccountDisputesState
from detectors.agents.account_findings import AccountFindings, AccountFindingsState
from detectors.agents.contested_sales import ContestedSales, ContestedState
from detectors.alerts.alert import Alert
from detectors.alerts.data_quality import time_of, with_holes, with_unseen
from detectors.basis.event_time import Day, Seconds, end_of_day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.messages.contested import About
from detectors.messages.disputes import CONTESTED_SALE
from detectors.messages.holes import Hole, joined
from detectors.messages.outcomes import OutcomeBundle
from detectors.settings import Settings
from detectors.sight.resting import NOTHING, in_detail, kinds_of
from detectors.sight.sight import Sight, SightState
from detectors.sight.stretch import Blindness, Stretch


class BelievedState(Struct):
    """All that a `Believed` remembers.

    ``holes`` are what the ledgers had to go on without. ``blind`` is what could not be seen as of
    the end of days that were closed and not judged yet. ``sales`` are those of which it is told
    with alerts about their agents, by why.
    """

    holes: list[Hole] = field(default_factory=list)
    blind: dict[Day, list[Stretch]] = field(default_factory=dict)
    sight: SightState = field(default_factory=SightState)
    findings: AccountFindingsState = field(default_factory=AccountFindingsState)
    sales: dict[About, ContestedState] = field(default_factory=dict)
    disputes: AccountDisputesState = field(default_factory=AccountDisputesState)


class Believed:
    """Sight, holes, and sales in doubt; findings about accounts rest on the first two.

    Order of calls: `receive` bundles as they come; for each day in its order `close`, and before
    that `due`; `checked` for the alerts of each day that is judged.

    Parameters
    ----------
    settings
        All settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._forgiven: Final = settings.time.forgiven
        kinds = kinds_of(settings)
        self._kinds: Final = {name: in_detail(some) for name, some in kinds.items()}
        self._asked: Final = frozenset(kind for kinds in self._kinds.values() for kind in kinds)
        self._sight: Final = Sight(settings)
        self._findings: Final = AccountFindings(settings)
        self._sales: Final = {about: ContestedSales(about) for about in get_args(About)}
        self._disputes: Final = AccountDisputes(settings.config_hash)
        self._holes: list[Hole] = []
        self._blind: dict[Day, list[Stretch]] = {}

    @property
    def open_alerts(self) -> dict[PatternName, int]:
        """How many alerts about accounts are open, by pattern."""
        contested = self._disputes.state.open
        return self._findings.state.open | ({CONTESTED_SALE: contested} if contested else {})

    @property
    def untold(self) -> dict[PatternName, int]:
        """Of how many accounts nothing is told for what could not be seen, by pattern."""
        return self._findings.state.untold

    def stretches(self) -> list[Stretch]:
        """Return when something could not be seen that a pattern asks for, as of the last day."""
        return sorted(one for one in self._sight.latest.stretches if one.kind in self._asked)

    def receive(self, bundle: OutcomeBundle, before: Seconds, first_open: Day | None) -> None:
        """Receive a bundle of a ledger, whose watermark was `before`.

        `first_open` is the first day that is not closed, if there is one.
        """
        if bundle.holes:
            self._holes = joined(self._holes, bundle.holes)
        if bundle.contested:
            for sales in self._sales.values():
                sales.receive(bundle)
        if bundle.seen:
            self._sight.receive(bundle.ledger_partition, bundle.seen, first_open)
        self._findings.receive(bundle.ledger_partition, bundle.findings, before, bundle.watermark)
        self._disputes.receive(bundle.ledger_partition, bundle.disputes, before, bundle.watermark)

    def due(self, day: Day) -> Iterator[Alert]:
        """Yield the alerts about accounts that are due once all days before `day` are closed."""
        yield from self._findings.due(day, self._sight.latest, self._holes)
        yield from self._disputes.due(day)

    def close(self, day: Day) -> tuple[Blindness, list[Alert]]:
        """Return what could not be seen as of the end of a day, and what is withdrawn for it."""
        blindness = self._sight.close(day)
        if blindness.stretches:
            self._blind[day] = list(blindness.stretches)
        return blindness, list(self._findings.look_again(day, blindness, self._holes))

    def checked(self, day: Day, alerts: Iterable[Alert]) -> Iterator[Alert]:
        """Yield the alerts of a judged day with what the events lack on which they rest; once."""
        blindness = Blindness(tuple(self._blind.pop(day, ())))
        for alert in alerts:
            kinds = self._kinds.get(alert.pattern, NOTHING)
            site = alert.subject.id if alert.subject.type == "site" else alert.site
            touching = blindness.touching(kinds, *time_of(alert), site)
            lacking = with_holes(alert, self._holes, self._forgiven)
            lacking = with_unseen(lacking, [stretch.words for stretch in touching])
            for sales in self._sales.values():
                lacking = sales.noted(lacking, day)
            yield lacking
        for sales in self._sales.values():
            sales.forget(day)

    def contested(self, day: Day) -> set[AgentId]:
        """Return the agents of whom claims of sales contradict each other, as told until a day."""
        return self._sales["contested"].agents(day)

    def is_unseen(self, day: Day, name: PatternName, site: str | None, since: Seconds) -> bool:
        """Return whether a pattern misses something of a site since some time, as of a day's end.

        Asked before the alerts of the day are `checked`. None is a site that is not known.
        """
        stretches = self._blind.get(day, ())
        sites = {one.site for one in stretches} if site is None else {site}
        kinds = self._kinds.get(name, NOTHING)
        return bool(Blindness(tuple(stretches)).touching(kinds, since, end_of_day(day), *sites))

    def snapshot(self) -> BelievedState:
        """Return the whole state; it shares records with this object: encode it at once."""
        return BelievedState(
            self._holes,
            self._blind,
            self._sight.snapshot(),
            self._findings.state,
            {about: sales.state for about, sales in self._sales.items()},
            self._disputes.state,
        )

    def restore(self, state: BelievedState) -> None:
        """Restore a state that `snapshot` returned."""
        self._holes, self._blind = state.holes, state.blind
        self._sight.restore(state.sight)
        self._findings.state, self._disputes.state = state.findings, state.disputes
        for about, sales in state.sales.items():
            self._sales[about].state = sales
