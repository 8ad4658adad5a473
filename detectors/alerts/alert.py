"""An alert on the wire: a finding about one subject and one pattern, with a lifecycle."""

from datetime import datetime
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from detectors.basis.identifiers import AgentId, PatternName

ENGINE_VERSION: Final = "0.1.0"

Status = Literal["open", "withdrawn", "resolved"]
Severity = Literal["info", "warning", "critical"]


class Subject(Struct, frozen=True):
    """Whom or what an alert is about."""

    type: Literal["agent", "account"]
    id: str


class Evidence(Struct, frozen=True, kw_only=True):
    """What an alert rests on.

    Counts are of the stretch from ``likely_start`` (the day of maturity from which the outcomes
    speak most strongly) to ``updated_at``; an alert about an account is about its one sale.

    ``value`` and ``threshold``
        The Shiryaev-Roberts evidence, the largest of the day, and where a warning begins; of a
        profile its detector's score, and from where on it is strange; null for an account, and for
        a change of level.
    ``matured``, ``observed``, ``expected``
        Sales whose window has passed, how many of them went bad, how many would among peers. In the
        early tier none has matured. A profile is about days: ``observed`` with sales since a change
        of level, or found strange.
    ``pending``
        Sales whose window has not passed; they are in none of the figures.
    ``rate``, ``rate_low``, ``rate_high``
        Share of bad outcomes, shrunk towards the peers', with its 90 % interval.
    ``rate_ratio``, ``rate_ratio_low``, ``rate_ratio_high``
        The same as a multiple of what peers would have.
    ``between_agent_sd``, ``tempering``
        How much honest agents differ (on the logit), and the exponent of every likelihood (1 where
        sales go bad one by one), as estimated or set when the alert was emitted.
    ``null_alarms``, ``null_agent_years``
        The shadow null: how many warnings of this pattern the same outcomes gave until then when
        they were dealt at random within a day and peer cell, and in how many agent-years.
    """

    window: str
    matured: int
    pending: int
    observed: int
    peers: str
    value: float | None = None
    threshold: float | None = None
    expected: float | None = None
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None
    rate_ratio: float | None = None
    rate_ratio_low: float | None = None
    rate_ratio_high: float | None = None
    likely_start: str | None = None
    between_agent_sd: float | None = None
    tempering: float | None = None
    null_alarms: int | None = None
    null_agent_years: float | None = None


class Alert(Struct, frozen=True, kw_only=True):
    """One revision of an alert. The same log of events gives the same revisions, byte for byte.

    Every text in it is plain text, made from ids that sources chose: escape it where it goes, in
    HTML, chat markup or a spreadsheet.

    ``data_quality`` is there only if something is wrong: a sentence for each hole (events that were
    deleted before they were read) in the time on which this revision rests.
    """

    alert_id: str
    revision: int
    status: Status
    pattern: PatternName
    pattern_version: int
    severity: Severity
    subject: Subject
    agent_id: AgentId | None
    opened_at: datetime
    updated_at: datetime
    summary: str
    evidence: Evidence
    event_ids: tuple[str, ...]
    config_hash: str
    engine_version: str = ENGINE_VERSION
    data_quality: tuple[str, ...] | UnsetType = UNSET


def canonical_order(alert: Alert) -> tuple[datetime, str, int]:
    """Return the key that orders a log of revisions."""
    return (alert.updated_at, alert.alert_id, alert.revision)
