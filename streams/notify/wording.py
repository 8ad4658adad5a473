"""An alert as Alertmanager is told of it: labels that are its identity, annotations for people."""

import hmac
import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import quote

from detectors.alerts.alert import Alert, Severity, Subject
from detectors.alerts.evidence import AgainstPeers, FactEvidence, ShiftEvidence
from detectors.alerts.wording import at_stake_in_words
from streams.config.secret import Secret
from streams.notify.deliveries import Message
from streams.printable import printable

OWN_LABELS: Final = frozenset({"alertname", "alert_id", "severity", "subject", "source"})

FIELD_LABELS: Final = ("site", "team")
"""Fields of an alert that may be labels."""

_LONGEST: Final = 1_000
"""Characters of an annotation: mail and chat show no more of it."""

_PSEUDONYM_DIGITS: Final = 16

_LONGEST_LABEL: Final = 64
"""Characters of a label that an event gave."""


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
        Labels that every alert bears beside its own.
    fields
        Which of `FIELD_LABELS` are labels where the alert knows them; one that is `fixed` is not.
    """

    def __init__(self, key: Secret, fixed: Mapping[str, str], fields: Collection[str] = ()) -> None:
        self._key: Final = key
        self._fixed: Final = dict(fixed)
        self._fields: Final = tuple(fields)

    def __call__(self, alert: Alert, severity: Severity) -> dict[str, str]:
        """Return the labels of an alert at a severity."""
        words = re.split(r"[^A-Za-z0-9]+", alert.pattern)
        return (
            self._of_fields(alert)
            | self._fixed
            | {
                "alertname": "".join(word[:1].upper() + word[1:] for word in words),
                "alert_id": alert.alert_id,
                "severity": severity,
                "source": "aboveboard",
                "subject": pseudonym(alert.subject, self._key),
            }
        )

    def _of_fields(self, alert: Alert) -> dict[str, str]:
        known = {"site": alert.site, "team": alert.team}
        return {
            field: printable(value)[:_LONGEST_LABEL]
            for field in self._fields
            if (value := known[field]) is not None and not _leads_to_agent(value, alert)
        }


def _leads_to_agent(value: str, alert: Alert) -> bool:
    """Return whether a site or team is called after the agent, as that of one who works alone."""
    return alert.agent_id is not None and alert.agent_id.casefold() in value.casefold()


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
        "at_stake": "" if alert.at_stake is None else at_stake_in_words(alert.at_stake),
        "site": alert.site or "",
        "team": alert.team or "",
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
