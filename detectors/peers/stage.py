"""The peers stage: one for all partitions. Reports of a day in, one review of it out."""

from collections.abc import Mapping
from typing import Final

import msgspec

from detectors.basis.event_time import Day, day_of, seconds_at
from detectors.basis.identifiers import PatternName
from detectors.basis.saved_state import read_state
from detectors.events.decision import Decision
from detectors.evidence.discoveries import discovery_threshold
from detectors.messages.outcomes import DayReport, DayReview, OpenIds, ShadowCount
from detectors.messages.sold import compared, merged_sold
from detectors.peers.bad_market import Market
from detectors.peers.compared import Compared
from detectors.peers.markets import Markets
from detectors.peers.merging import merged_dispersion
from detectors.peers.of_groups import group_days
from detectors.peers.places import places_of
from detectors.peers.population import Population
from detectors.peers.recent import fading
from detectors.peers.room import Room
from detectors.peers.spread import DayMoments, first_spread, next_spread
from detectors.peers.state import PeersState
from detectors.settings import Settings

NO_DISCOVERIES: Final = float("inf")


class Peers:
    """Merges the reports of all agents partitions, day by day.

    A day is reviewed once every partition has reported it or a later one (partitions need not begin
    on the same day), in the order of days. A report of a day that has been reviewed, or a second
    one of the same partition, changes nothing.

    Decisions of people go with the review of their day, so that all partitions know them from the
    same day on: one place decides when a decision counts, and every replay finds it there.

    Parameters
    ----------
    settings
        All settings.
    agents_partitions
        How many partitions report.
    held
        Review nothing before `release`: of what is read again from the beginning, the decisions
        must be known before the first day is reviewed.
    of_groups
        Whether the reports are about groups of one kind: their peers are the others of that kind.
    room
        What gives places to cells; None: one of `limits.largest_review`.
    """

    def __init__(
        self,
        settings: Settings,
        agents_partitions: int = 1,
        *,
        held: bool = False,
        of_groups: bool = False,
        room: Room | None = None,
    ) -> None:
        self._partitions: Final = agents_partitions
        self._evidence: Final = settings.evidence
        self._shadow_null: Final = settings.shadow_null.enabled and not of_groups
        self._peers: Final = settings.peers
        self._of_groups: Final = of_groups
        self._fewest_subjects: Final = settings.groups.fewest_others + 1
        self._left: Final = fading(settings.peers.market_half_life)
        self._first_spread: Final = first_spread(settings.evidence)
        self._populations: dict[PatternName, Population] = {}
        self._state = PeersState({}, held=held)
        patterns, kinds = settings.patterns, () if of_groups else settings.groups.kinds
        self.room: Final = Room(settings.limits.largest_review) if room is None else room
        limits = settings.limits
        self.most: Final = limits.most_groups if of_groups else limits.most_agents
        self._compared: Final = {kind: Compared(limits.most_groups) for kind in kinds}
        self._most_sold: Final = settings.limits.largest_review // 8
        self._by_age: Final = {early.name for early in patterns.early_tiers()}
        self._groups: Final = {
            kind: Peers(settings, of_groups=True, room=self.room) for kind in kinds
        }
        self._markets: Final = None if of_groups else Markets(settings)
        for pattern in patterns.on_sales() if of_groups else patterns.enabled():
            self._state.spread[pattern.name] = self._first_spread

    def receive(self, report: DayReport) -> list[DayReview]:
        """Receive one report; return the reviews it completes, oldest first."""
        state = self._state
        if state.last_day is not None and report.day <= state.last_day:
            return []
        state.waiting.setdefault(report.day, {}).setdefault(report.agents_partition, report)
        known = state.reported.get(report.agents_partition, report.day)
        state.reported[report.agents_partition] = max(known, report.day)
        return self.due()

    @property
    def agents(self) -> int:
        """How many agents are judged, of all partitions."""
        return self._state.agents

    @property
    def groups_used(self) -> float:
        """The share of `limits.most_groups` that is used, of the kind of which it is the most."""
        judged = [groups.agents / groups.most for groups in self._groups.values()]
        compared = [len(one.names) / one.most for one in self._compared.values()]
        return max([*judged, *compared], default=0.0)

    def decide(self, decision: Decision) -> None:
        """Take a decision of a person in, after those before it in the log.

        It counts from its day on; if that was reviewed, from the next that is.
        """
        self._state.decisions.append(decision)

    @property
    def markets(self) -> Mapping[PatternName, Market]:
        """What is known of the whole market, by pattern."""
        return {} if self._markets is None else self._markets.state

    @property
    def is_held(self) -> bool:
        """Whether nothing is reviewed before `release`."""
        return self._state.held

    def release(self) -> None:
        """Let days be reviewed: all decisions until now are known."""
        self._state.held = False

    def due(self) -> list[DayReview]:
        """Return the reviews of the days that are complete, oldest first, each once."""
        state = self._state
        if state.held or len(state.reported) < self._partitions:
            return []
        # A day that some partition skipped is complete, too: it has reported a later one.
        reviews: list[DayReview] = []
        complete = min(state.reported.values())
        while state.waiting and (day := min(state.waiting)) <= complete:
            waiting = state.waiting.pop(day)
            reviews.append(self.review(day, [waiting[number] for number in sorted(waiting)]))
        return reviews

    def snapshot(self) -> bytes:
        """Return all of the state."""
        return msgspec.msgpack.encode(self.state())

    def state(self) -> PeersState:
        """Return all of the state; it shares records with this object: encode it at once."""
        return msgspec.structs.replace(
            self._state,
            known={name: population.state() for name, population in self._populations.items()},
            groups={kind: peers.state() for kind, peers in self._groups.items()},
            markets=dict(self.markets),
            compared={kind: sorted(one.names) for kind, one in self._compared.items()},
        )

    def restore(self, snapshot: bytes) -> None:
        """Restore the state that `snapshot` returned.

        Raises
        ------
        IncompatibleSnapshot
            If the bytes are of another kind or version.
        """
        self.become(read_state(snapshot, PeersState, "the peers stage"))

    def become(self, state: PeersState) -> None:
        """Take over a `state`."""
        self._state = state
        if self._markets is not None:
            self._markets.state = state.markets
        for kind, names in state.compared.items():
            self._compared[kind].names.update(names)
        self._populations = {}
        for name, known in state.known.items():
            self._population(name).restore(known)
        for kind, groups in state.groups.items():
            self._groups[kind].become(groups)

    def review(self, day: Day, reports: list[DayReport]) -> DayReview:
        """Return the review of a day, after those of all days before it."""
        for name in {name for report in reports for name in (*report.totals, *report.forgotten)}:
            self._population(name)
        days = 0 if self._state.last_day is None else day - self._state.last_day
        self._state.last_day = day
        calmed = any(report.outweighed for report in reports)
        known = {
            name: population.review(
                [report.totals[name] for report in reports if name in report.totals],
                [report.forgotten[name] for report in reports if name in report.forgotten],
                days,
                calmed=calmed,
            )
            for name, population in self._populations.items()
        }
        self._estimate(reports)
        if self._markets is not None:
            self._markets.add(day, self._populations, self._state.spread)
        new = [report.newcomers for report in reports]
        places, self._state.agents = places_of(new, self._state.agents, self.most)
        return DayReview(
            day,
            known,
            self._discovery_threshold(reports),
            spread=dict(self._state.spread),
            shadow=self._shadow(),
            sold=compared(merged_sold(report.sold for report in reports), self._most_sold),
            decisions=self._decided_by(day),
            groups={
                kind: peers.review(day, [one.groups[kind] for one in reports if kind in one.groups])
                for kind, peers in self._groups.items()
            },
            # Each partition counts as far as that, so of more nobody knows how many there are.
            subjects=min(sum(self._state.subjects.values()), self._fewest_subjects),
            open_alerts=self._open_alerts(),
            within=group_days(reports, self._populations, self._compared),
            places=places,
            calmed=calmed,
            critical=sorted(one for report in reports for one in report.critical),
        )

    def _decided_by(self, day: Day) -> tuple[Decision, ...]:
        """Return the decisions that count from `day` on; they wait no more.

        None goes before one of the same case that comes before it in the log.
        """
        counting: list[Decision] = []
        waiting: list[Decision] = []
        later: set[str] = set()
        for decision in self._state.decisions:
            is_due = day_of(seconds_at(decision.occurred_at)) <= day
            if is_due and decision.case_id not in later:
                counting.append(decision)
            else:
                later.add(decision.case_id)
                waiting.append(decision)
        self._state.decisions = waiting
        return tuple(counting)

    def _population(self, name: PatternName) -> Population:
        """Return what is known of a pattern; patterns stand in the order of their names."""
        if name not in self._populations:
            self._populations[name] = Population(
                self._left,
                self._peers.shrinkage,
                self.room,
                everybody=self._shadow_null,
                by_age=name in self._by_age,
                references=() if self._of_groups else self._peers.references_of(name),
            )
            self._populations = dict(sorted(self._populations.items()))
        return self._populations[name]

    def _estimate(self, reports: list[DayReport]) -> None:
        """Update the spread and the shadow counts by what was reported after a review day."""
        state = self._state
        for name, reported in merged_dispersion([report.dispersion for report in reports]).items():
            state.spread[name], state.moments[name] = next_spread(
                self._evidence,
                state.spread.get(name, self._first_spread),
                reported,
                state.moments.get(name, DayMoments()),
            )
        for report in reports:
            if report.shadow:
                state.shadow[report.agents_partition] = report.shadow
            state.subjects[report.agents_partition] = report.subjects
            if report.open_alerts is not None:
                state.open_alerts[report.agents_partition] = report.open_alerts

    def _shadow(self) -> dict[PatternName, ShadowCount]:
        counts: dict[PatternName, ShadowCount] = {}
        for reported in self._state.shadow.values():
            for name, count in reported.items():
                known = counts.get(name, ShadowCount())
                counts[name] = ShadowCount(
                    known.alarms + count.alarms, known.agent_days + count.agent_days
                )
        return dict(sorted(counts.items()))

    def _open_alerts(self) -> OpenIds:
        told = {name: ids for one in self._state.open_alerts.values() for name, ids in one.items()}
        return {name: told[name] for name in sorted(told)}

    def _discovery_threshold(self, reports: list[DayReport]) -> float:
        if not (evidence := [value for report in reports for value in report.evidence]):
            return NO_DISCOVERIES
        hypotheses = sum(report.hypotheses for report in reports)
        return discovery_threshold(evidence, hypotheses, self._evidence.false_discovery_rate)
