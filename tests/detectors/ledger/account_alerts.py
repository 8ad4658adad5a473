"""The alerts that follow from what a ledger found about accounts, where everything can be seen."""

from typing import Final

from detectors.alerts.account_alerts import AlertTimes, account_alert
from detectors.alerts.alert import Alert
from detectors.ledger.output import LedgerOutput
from tests.detectors.worlds import SETTINGS

_PATTERNS: Final = {pattern.name: pattern for pattern in SETTINGS.patterns.on_sales()}


def alerts_of(output: LedgerOutput) -> list[Alert]:
    """Return the alerts about accounts of which a ledger tells."""
    return [
        account_alert(
            _PATTERNS[finding.pattern],
            finding.account_id,
            finding.sale,
            finding.revision,
            times=AlertTimes(finding.opened_at, finding.known_at),
            withdrawn=finding.withdrawn,
            event_ids=finding.event_ids,
            config_hash=SETTINGS.config_hash,
        )
        for finding in output.bundle.findings
    ]
