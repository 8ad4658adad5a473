"""All metrics in one registry, and their exposition."""

import math
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from detectors.agents.alerting.not_judged import Reason
from detectors.alerts.alert import Alert, Severity
from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import GroupKind, PatternName
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import Outcome, ShadowCount, Spread
from streams.metrics.commission_metrics import CommissionMetrics
from streams.metrics.event_metrics import EventMetrics
from streams.metrics.limit_metrics import LimitMetrics
from streams.metrics.market_metrics import MarketMetrics
from streams.metrics.sight_metrics import SightMetrics


class Metrics(EventMetrics, SightMetrics, LimitMetrics, MarketMetrics, CommissionMetrics):
    """Counts what the actors do, in a registry of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._redelivered: Final = self.counter(
            "aboveboard_redelivered_records",
            "Records that the restored state held already, by stage.",
            "stage",
        )
        self._outcomes: Final = self.counter(
            "aboveboard_outcomes",
            "Outcomes that became known, by pattern and verdict.",
            "pattern",
            "verdict",
        )
        self._evidence_updates: Final = self.counter(
            "aboveboard_evidence_updates",
            "Outcomes applied to the evidence about agents, by pattern.",
            "pattern",
        )
        self._alert_revisions: Final = self.counter(
            "aboveboard_alert_revisions",
            "Revisions of alerts, by pattern, severity and status.",
            "pattern",
            "severity",
            "status",
        )
        self._requests: Final = self.counter(
            "aboveboard_verification_requests", "Sales that somebody was asked to verify."
        )
        self._open_alerts: Final = self.gauge(
            "aboveboard_open_alerts",
            "Alerts that are open, by pattern, severity and partition.",
            "pattern",
            "severity",
            "partition",
        )
        self._null_alarms: Final = self.gauge(
            "aboveboard_null_alarms",
            "Warnings that outcomes dealt out at random have given, by pattern and partition.",
            "pattern",
            "partition",
        )
        self._null_agent_days: Final = self.gauge(
            "aboveboard_null_judgements",
            "Judgements, of an agent on a day, in which the shadow null gave them, by pattern.",
            "pattern",
            "partition",
        )
        self._between_agent_sd: Final = self.gauge(
            "aboveboard_between_agent_sd",
            "Spread of honest agents on the logit, in force, by pattern and partition.",
            "pattern",
            "partition",
        )
        self._tempering: Final = self.gauge(
            "aboveboard_tempering",
            "Exponent of every likelihood, in force, by pattern and partition.",
            "pattern",
            "partition",
        )
        self._open_accounts: Final = self.gauge(
            "aboveboard_remembered_accounts",
            "Accounts whose outcomes may still change, by ledger partition.",
            "partition",
        )
        self._watermark: Final = self.gauge(
            "aboveboard_watermark_timestamp_seconds",
            "Event time up to which a ledger partition is complete.",
            "partition",
        )
        self._judged: Final = self.gauge(
            "aboveboard_judged_timestamp_seconds",
            "Event time before which an agents partition has judged everything.",
            "partition",
        )
        self._watermark_lag: Final = self.gauge(
            "aboveboard_watermark_lag_seconds",
            "How far the watermark of a ledger partition is behind its newest event.",
            "partition",
        )
        self._groups_not_judged: Final = self.gauge(
            "aboveboard_groups_not_judged",
            "Sites and teams without enough others to be judged by, by kind and agents partition.",
            "kind",
            "partition",
        )
        self._incomparable: Final = self.gauge(
            "aboveboard_incomparable_agents",
            "Agents who are not judged, for want of others to compare them with, by reason.",
            "pattern",
            "reason",
            "partition",
        )
        self._held_back: Final = self.gauge(
            "aboveboard_alerts_held_back",
            "Agents of whom nothing is told while their site or team rises, by pattern.",
            "pattern",
            "partition",
        )
        self._commended: Final = self.gauge(
            "aboveboard_commended_agents",
            "Agents who are commended now, by agents partition.",
            "partition",
        )
        self._partitions: Final = self.gauge(
            "aboveboard_assigned_partitions",
            "Partitions this worker is in charge of, by stage.",
            "stage",
        )
        self._restore_seconds: Final = self.gauge(
            "aboveboard_restore_seconds",
            "Time that the last restore of the partitions of a stage took.",
            "stage",
        )
        self._lag: Final = self.gauge(
            "aboveboard_lag_records",
            "Records of an input topic that this worker has still to apply, by stage.",
            "stage",
            "topic",
            "partition",
        )
        self._ready: Final = self.gauge(
            "aboveboard_ready", "1 while the worker is ready, as /readyz tells, else 0."
        )
        self._clock_skew: Final = self.gauge(
            "aboveboard_clock_skew_seconds",
            "How far the broker's clock is ahead of this machine's; NaN while that is not known.",
        )
        self._clock_skew.set(math.nan)
        self._processing: Final = self.histogram(
            "aboveboard_processing_seconds",
            "Time from taking up a batch of records to its outputs being acknowledged, by stage.",
            "stage",
        )
        self._flushing: Final = self.histogram(
            "aboveboard_state_write_seconds",
            "Time to write changed state to the changelog, by stage.",
            "stage",
        )

    def redelivered(self, stage: str, number: int) -> None:
        """Count records that were skipped."""
        self._redelivered.labels(stage).inc(number)

    def restored(self, stage: str, seconds: float) -> None:
        """Set the time that the last restore of a stage took."""
        self._restore_seconds.labels(stage).set(seconds)

    def outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """Count outcomes that a ledger emitted."""
        counts = Counts((outcome.pattern, outcome.verdict) for outcome in outcomes)
        for (pattern, verdict), number in counts.items():
            self._outcomes.labels(pattern, verdict.name.lower()).inc(number)

    def evidence_updates(self, pattern: str, number: int) -> None:
        """Count outcomes applied to evidence."""
        self._evidence_updates.labels(pattern).inc(number)

    def alert(self, alert: Alert) -> None:
        """Count one revision of an alert."""
        self._alert_revisions.labels(alert.pattern, alert.severity, alert.status).inc()

    def verification_requests(self, number: int) -> None:
        """Count sales that somebody was asked to verify."""
        self._requests.inc(number)

    def open_alerts(
        self, partition: int, counts: Mapping[tuple[PatternName, Severity], int]
    ) -> None:
        """Set the number of open alerts of one partition, by pattern and severity."""
        for (pattern, severity), number in counts.items():
            self._open_alerts.labels(pattern, severity, str(partition)).set(number)

    def null(self, partition: int, counts: Mapping[PatternName, ShadowCount]) -> None:
        """Set what the shadow null of one agents partition has counted so far, by pattern."""
        for pattern, count in counts.items():
            self._null_alarms.labels(pattern, str(partition)).set(count.alarms)
            self._null_agent_days.labels(pattern, str(partition)).set(count.agent_days)

    def spread(self, partition: int, spreads: Mapping[PatternName, Spread]) -> None:
        """Set the spread of honest agents and the tempering in force, by pattern."""
        for pattern, spread in spreads.items():
            self._between_agent_sd.labels(pattern, str(partition)).set(spread.between_agent_sd)
            self._tempering.labels(pattern, str(partition)).set(spread.tempering)

    def ledger(self, partition: int, newest: Seconds, ledger: Ledger) -> None:
        """Set the gauges of one ledger partition; `newest` is in seconds of event time."""
        self._open_accounts.labels(str(partition)).set(len(ledger))
        self.forgotten(partition, ledger.matches.counts)
        if ledger.watermark > BEGINNING:
            self._watermark.labels(str(partition)).set(ledger.watermark)
            self._watermark_lag.labels(str(partition)).set(max(0.0, newest - ledger.watermark))

    def judged(self, partition: int, until: Seconds) -> None:
        """Set the event time (seconds) before which an agents partition has judged everything."""
        if until > BEGINNING:
            self._judged.labels(str(partition)).set(until)

    def groups_not_judged(self, partition: int, counts: Mapping[GroupKind, int]) -> None:
        """Set how many groups of each kind one agents partition does not judge."""
        for kind, number in counts.items():
            self._groups_not_judged.labels(kind, str(partition)).set(number)

    def incomparable(
        self, partition: int, pattern: PatternName, counts: Mapping[Reason, int]
    ) -> None:
        """Set how many agents one agents partition does not judge by a pattern, by reason."""
        for reason, number in counts.items():
            self._incomparable.labels(pattern, reason, str(partition)).set(number)

    def held_back(self, partition: int, agents: Mapping[PatternName, Sized]) -> None:
        """Set of how many agents nothing is told while their group rises, by pattern."""
        for pattern, names in agents.items():
            self._held_back.labels(pattern, str(partition)).set(len(names))

    def commended(self, partition: int, agents: int) -> None:
        """Set how many agents of an agents partition are commended."""
        self._commended.labels(str(partition)).set(agents)

    def partitions(self, stage: str, number: int) -> None:
        """Set how many partitions of a stage this worker has."""
        self._partitions.labels(stage).set(number)

    def lag(self, stage: str, topic: str, partition: int, records: int | None) -> None:
        """Set how many records of a partition a stage has still to apply, if that is known."""
        if records is not None:
            self._lag.labels(stage, topic, str(partition)).set(records)

    def ask_whether_ready(self, ready: Callable[[], bool]) -> None:
        """Let ``aboveboard_ready`` answer what `ready` gives when it is asked."""
        self._ready.set_function(lambda: float(ready()))

    def clock_skew(self, seconds: float) -> None:
        """Set how far the broker's clock is ahead of ours; NaN if that is not known."""
        self._clock_skew.set(seconds)

    def released(self) -> None:
        """Forget what was said of partitions, and how long it took to get them."""
        super().released()
        self._restore_seconds.clear()

    def processed(self, stage: str, seconds: float) -> None:
        """Observe the time one batch took."""
        self._processing.labels(stage).observe(seconds)

    def flushed(self, stage: str, seconds: float) -> None:
        """Observe the time one write of state took."""
        self._flushing.labels(stage).observe(seconds)


def total(exposition: str, name: str) -> float:
    """Return the sum of a metric over its labels, in a text that `Metrics.exposition` gave."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == name
    )
