"""Metrics of the events that are read: what became of them, and which could not be used."""

from collections.abc import Mapping
from typing import Final

from detectors.ledger.matches import MatchCounts
from detectors.reading.lenient import Repaired
from streams.metrics.instruments import Instruments


class EventMetrics(Instruments):
    """Counts events into a registry."""

    def __init__(self) -> None:
        super().__init__()
        self._events: Final = self.counter(
            "aboveboard_events",
            "Events read, by topic and result: applied, unchanged, rejected or after_until.",
            "topic",
            "result",
        )
        self._late: Final = self.counter(
            "aboveboard_late_events",
            "Events that came behind the watermark and were accepted, by topic.",
            "topic",
        )
        self._dead_letters: Final = self.counter(
            "aboveboard_dead_letters", "Records sent to the dead letters, by reason.", "reason"
        )
        self._ignored_state_records: Final = self.counter(
            "aboveboard_ignored_state_records",
            "Records met in state topics that are none of ours, by stage.",
            "stage",
        )
        self._repaired_fields: Final = self.counter(
            "aboveboard_repaired_fields",
            "Fields of events that were read leniently, by topic, field and repair.",
            "topic",
            "field",
            "repair",
        )
        self._refused_fields: Final = self.counter(
            "aboveboard_refused_fields",
            "Events refused for one field, by topic and field.",
            "topic",
            "field",
        )
        self._forgotten: Final = self.gauge(
            "aboveboard_forgotten_facts",
            "Facts forgotten, by kind, whether they met what they belong to, and partition.",
            "kind",
            "met",
            "partition",
        )
        self._coverage: Final = self.gauge(
            "aboveboard_judged_sales",
            "Sales that a pattern could judge, or not for a missing field, by partition.",
            "pattern",
            "known",
            "partition",
        )
        self._contested: Final = self.gauge(
            "aboveboard_contested_sales",
            "Sales about which claims contradict each other, by the field and partition.",
            "field",
            "partition",
        )
        self._corrected: Final = self.gauge(
            "aboveboard_corrected_sales",
            "Sales that a greater version corrected, by the field and partition.",
            "field",
            "partition",
        )
        self._by_seller: Final = self.gauge(
            "aboveboard_sales_cancelled_by_seller",
            "Sales of which the agent who had made them keyed a cancellation, by partition.",
            "partition",
        )
        self._oversized: Final = self.gauge(
            "aboveboard_oversized_accounts",
            "Accounts of more sales than limits.most_sales_on_account, so far, by partition.",
            "partition",
        )
        self._merged: Final = self.gauge(
            "aboveboard_merged_accounts",
            "Accounts that became part of another one, so far, by partition.",
            "partition",
        )
        self._merged_agents: Final = self.gauge(
            "aboveboard_merged_agents",
            "Ids of agents that became part of others, so far, by partition that knows it.",
            "partition",
        )
        self._misplaced: Final = self.gauge(
            "aboveboard_misplaced_records",
            "Records that are not in the partition of their account, by topic and partition.",
            "topic",
            "partition",
        )

    def events(self, topic: str, result: str, number: int) -> None:
        """Count events."""
        self._events.labels(topic, result).inc(number)

    def late_event(self, topic: str) -> None:
        """Count an event that came behind the watermark, and was accepted."""
        self._late.labels(topic).inc()

    def dead_letter(self, reason: str) -> None:
        """Count one record sent to the dead letters."""
        self._dead_letters.labels(reason).inc()

    def ignored_state_records(self, stage: str, number: int) -> None:
        """Count records of a state topic that another program wrote."""
        if number:
            self._ignored_state_records.labels(stage).inc(number)

    def repaired_fields(self, topic: str, repaired: Mapping[Repaired, int]) -> None:
        """Count fields that were read leniently; their names are those of the contract."""
        for one, number in repaired.items():
            self._repaired_fields.labels(topic, one.field, one.repair).inc(number)

    def refused_field(self, topic: str, field: str) -> None:
        """Count an event that was refused for a field; its name is one of the contract."""
        if field:
            self._refused_fields.labels(topic, field).inc()

    def forgotten(self, partition: int, counts: MatchCounts) -> None:
        """Set which of the facts that a ledger partition has forgotten met what they belong to."""
        for kind, met, lone in counts.by_kind():
            self._forgotten.labels(kind, "yes", str(partition)).set(met)
            self._forgotten.labels(kind, "no", str(partition)).set(lone)
        self._by_seller.labels(str(partition)).set(counts.cancelled_by_seller)
        self._oversized.labels(str(partition)).set(counts.oversized)
        self._merged.labels(str(partition)).set(counts.merged)
        self._merged_agents.labels(str(partition)).set(counts.merged_agents)
        for field, number in counts.contested.items():
            self._contested.labels(field, str(partition)).set(number)
        for field, number in counts.corrected.items():
            self._corrected.labels(field, str(partition)).set(number)
        for pattern, known in counts.coverage.items():
            judged = known.sales - known.unknown
            self._coverage.labels(pattern, "yes", str(partition)).set(judged)
            self._coverage.labels(pattern, "no", str(partition)).set(known.unknown)

    def misplaced(self, partition: int, counts: Mapping[str, int]) -> None:
        """Set how many records of each topic do not belong into a partition."""
        for topic, number in counts.items():
            self._misplaced.labels(topic, str(partition)).set(number)
