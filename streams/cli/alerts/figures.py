"""The figures of an alert in words, one line each: only what its kind of evidence has."""

from collections.abc import Iterator
from typing import Final

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import AgainstPeers, FactEvidence, RateEvidence, ShiftEvidence
from detectors.alerts.wording import at_stake_in_words, other_alerts_in_words, prior_in_words
from streams.cli.alert_table import ratio_with_interval

_WHOLE_FROM: Final = 100
"""From where on nobody reads decimals."""


def figures_of(alert: Alert) -> Iterator[str]:
    """Yield lines of a name and a figure."""
    shown = dict(_all(alert))
    width = max(map(len, shown))
    return (f"{name:<{width}}  {value}" for name, value in shown.items())


def _all(alert: Alert) -> Iterator[tuple[str, str]]:
    evidence = alert.evidence
    if not isinstance(evidence, FactEvidence):
        yield "likely start", evidence.likely_start
    yield "observed", f"{evidence.observed:,}"
    if isinstance(evidence, AgainstPeers):
        yield "expected", f"{evidence.expected:,.1f} among peers ({evidence.peers})"
        yield "times the peers", f"{ratio_with_interval(alert)}, 90 % interval"
        yield from _of_rates(evidence)
    if isinstance(evidence, AgainstPeers | ShiftEvidence):
        yield from _of_judgement(evidence)
    yield from _of_sales(alert)
    yield "settings", f"{alert.config_hash}, version {alert.engine_version}"


def _of_sales(alert: Alert) -> Iterator[tuple[str, str]]:
    if alert.at_stake is not None:
        yield "at stake", at_stake_in_words(alert.at_stake)
    if alert.prior_alerts:
        yield "told before", prior_in_words(alert.prior_alerts)
    if alert.other_alerts:
        yield "also open", other_alerts_in_words(alert.other_alerts)
    if alert.team is not None:
        yield "team", alert.team
    if alert.site is not None:
        yield "site", alert.site


def _of_rates(evidence: AgainstPeers) -> Iterator[tuple[str, str]]:
    if isinstance(evidence, RateEvidence):
        interval = f"{evidence.rate_low:.1%} to {evidence.rate_high:.1%}"
        yield "rate", f"{evidence.rate:.1%} ({interval}), drawn towards the peers'"
        yield "matured", f"{evidence.matured:,} whose window of {evidence.window} has passed"
    yield "pending", f"{evidence.pending:,} in their window, in none of the figures"


def _of_judgement(evidence: AgainstPeers | ShiftEvidence) -> Iterator[tuple[str, str]]:
    if evidence.value is not None:
        begins = "" if evidence.threshold is None else f"; threshold {_digits(evidence.threshold)}"
        yield "evidence", f"{_digits(evidence.value)}{begins}"
    if evidence.null_alarms is not None and evidence.null_agent_years is not None:
        years = f"{evidence.null_agent_years:,.0f} agent-years"
        yield "by chance alone", f"{evidence.null_alarms:,} warnings in {years}"


def _digits(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= _WHOLE_FROM else f"{number:.3g}"
