"""An alert as Alertmanager is told of it: labels that are its identity, annotations for people."""

import hmac
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from detectors.alerts.alert import Alert, Severity, Subject
from detectors.alerts.evidence import AgainstPeers, FactEvidence, ShiftEvidence
from streams.config.secret import Secret
from streams.notify.deliveries import Message
from streams.printable import printable

OWN_LABELS: Final = frozenset({"alertname", "alert_id", "severity", "subject", "source"})

_LONGEST: Final = 1_000
"""Characters of an annotation: mail and chat show no more of it."""

_PSEUDONYM_DIGITS: Final = 16


def pseudonym(subject: Subject, key: Secret) -> str:
    """Return a name for a subject that only holders of the key can find again from its id."""
    text = f"{subject.type}\0{subject.id}".encode()
    return hmac.digest(key.reveal().encode(), text, "sha256").hex()[:_PSEUDONYM_DIGITS]


class Labels:
    """Gives an alert its labels. They are the subjects of mails, so none names a person.

    Parameters
    ----------
    key
        Of the pseudonyms.
    fixed
        Labels that every alert bears beside its own: site and team, say.
    """

    def __init__(self, key: Secret, fixed: Mapping[str, str]) -> None:
        self._key: Final = key
        self._fixed: Final = dict(fixed)

    def __call__(self, alert: Alert, severity: Severity) -> dict[str, str]:
        """Return the labels of an alert at a severity."""
        words = re.split(r"[^A-Za-z0-9]+", alert.pattern)
        return self._fixed | {
            "alertname": "".join(word[:1].upper() + word[1:] for word in words),
            "alert_id": alert.alert_id,
            "severity": severity,
            "source": "aboveboard",
            "subject": pseudonym(alert.subject, self._key),
        }


def body_of(message: Message, link: str) -> dict[str, Any]:
    """Return a message as API v2 wants it, for JSON.

    `link` is the address of a page about the alert, with ``{alert_id}`` where its id goes; or
    empty.
    """
    body = {
        "labels": message.labels,
        "annotations": {} if message.alert is None else _annotations(message.alert),
        "startsAt": message.starts_at,
        "endsAt": message.ends_at,
    }
    if link:
        body["generatorURL"] = link.replace("{alert_id}", quote(message.key.alert_id, safe=""))
    return body


def _annotations(alert: Alert) -> dict[str, str]:
    said = {
        "summary": alert.summary,
        "next_step": alert.next_step or "",
        "opened_at": alert.opened_at.isoformat(),
        "updated_at": alert.updated_at.isoformat(),
        "revision": str(alert.revision),
        "data_quality": " ".join(alert.data_quality or ()),
    }
    if not isinstance(alert.evidence, FactEvidence):
        said["likely_start"] = alert.evidence.likely_start
        said["by_chance"] = _by_chance(alert.evidence)
    return {name: _capped(printable(text)) for name, text in said.items() if text}


def _by_chance(evidence: AgainstPeers | ShiftEvidence) -> str:
    if evidence.null_alarms is None or not evidence.null_agent_years:
        return ""
    years = f"{evidence.null_agent_years:.0f} agent-years of outcomes dealt at random"
    return f"{evidence.null_alarms} such alarms in {years}"


def _capped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
