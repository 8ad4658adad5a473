"""What an alert rests on: one shape for each kind of finding, told apart by its field ``kind``."""

from msgspec import Struct


class AgainstPeers(Struct, frozen=True, kw_only=True):
    """Outcomes of an agent beside those of peers: what both tiers of a pattern say.

    Counts are of the stretch from ``likely_start`` (the day from which the outcomes speak most
    strongly) to the alert's ``updated_at``.

    ``window``
        How long after its sale an outcome becomes known, such as ``10d``.
    ``observed``, ``expected``
        How many outcomes were bad, and how many would be among peers.
    ``pending``
        Sales whose window has not passed, until now.
    ``peers``
        Who the peers are, in words.
    ``value``, ``threshold``
        The Shiryaev-Roberts evidence, the largest of the day, and where a warning begins.
    ``rate_ratio``, ``rate_ratio_low``, ``rate_ratio_high``
        How often outcomes are bad as a multiple of what peers have: the best estimate for an agent
        who may be honest or not, with its 90 % interval.
    ``between_agent_sd``, ``tempering``
        How much honest agents differ (on the logit), and the exponent of every likelihood (1 where
        sales go bad one by one), as estimated or set when the alert was emitted.
    ``null_alarms``, ``null_agent_years``
        The shadow null: how many warnings of this pattern the same outcomes gave until then when
        they were dealt at random within a day and peer cell, and in how many agent-years. Null
        where nobody counts (`shadow_null.enabled`).
    """

    window: str
    observed: int
    expected: float
    pending: int
    peers: str
    value: float
    threshold: float
    rate_ratio: float
    rate_ratio_low: float
    rate_ratio_high: float
    likely_start: str
    between_agent_sd: float
    tempering: float
    null_alarms: int | None = None
    null_agent_years: float | None = None


class RateEvidence(AgainstPeers, frozen=True, kw_only=True, tag_field="kind", tag="rate"):
    """Outcomes of sales whose window has passed, beside those of peers; pending sales are in none.

    ``matured``
        Sales whose window has passed: ``observed`` of them went bad.
    ``rate``, ``rate_low``, ``rate_high``
        Share of bad outcomes: the best estimate, with its 90 % interval.
    """

    matured: int
    rate: float
    rate_low: float
    rate_high: float


class EarlyRateEvidence(
    AgainstPeers, frozen=True, kw_only=True, tag_field="kind", tag="early_rate"
):
    """Sales that went bad while their window was still open: none has matured, so no rate."""


class FactEvidence(Struct, frozen=True, kw_only=True, tag_field="kind", tag="fact"):
    """What is known of one sale of one account; nobody is compared with anybody.

    ``window``
        How long after the sale the fact was looked for.
    ``observed``
        1 while it stands, 0 once a late record has taken it back.
    """

    window: str
    observed: int


class ShiftEvidence(Struct, frozen=True, kw_only=True, tag_field="kind", tag="shift"):
    """A change of an agent's daily number against their own past; no outcome is looked at.

    ``observed``
        Days with sales since the change of level, or days that were found strange.
    ``peers``
        Whom the daily number was taken beside, in words.
    ``likely_start``
        The day on which the change is most likely to have come, or the first strange one.
    ``value``, ``threshold``
        The score of a detector, and from where on it is strange; null for a change of level, which
        has no score.
    ``null_alarms``, ``null_agent_years``
        As in `AgainstPeers`.
    """

    observed: int
    peers: str
    likely_start: str
    value: float | None = None
    threshold: float | None = None
    null_alarms: int | None = None
    null_agent_years: float | None = None


Evidence = RateEvidence | EarlyRateEvidence | FactEvidence | ShiftEvidence
