"""What an alert counts, as a sentence in another language than the engine's."""

from typing import Final

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import RateEvidence
from streams.desk.site.words import Words
from streams.reports.words import words_of

_TEN: Final = 10.0


def counted(words: Words, alert: Alert) -> str | None:
    """Return the sentence, made of the alert's fields; None where the engine's own is all there is.

    So it is in English, and of alerts that count nothing beside peers.
    """
    template, evidence = words.engine.sentences.get("counted"), alert.evidence
    if template is None or not isinstance(evidence, RateEvidence) or evidence.expected <= 0.0:
        return None
    title = words_of(alert.pattern).title
    return template.format(
        matured=words.number(evidence.matured),
        since=words.iso_day(evidence.likely_start),
        observed=words.number(evidence.observed),
        pattern=words.engine(title) or title,
        expected=words.number(evidence.expected, 1 if evidence.expected >= _TEN else 2),
        times=words.number(evidence.observed / evidence.expected, 1),
        estimate=words.number(evidence.rate_ratio, 1),
        low=words.number(evidence.rate_ratio_low, 1),
        high=words.number(evidence.rate_ratio_high, 1),
    )
