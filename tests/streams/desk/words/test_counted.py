"""The sentence of an alert in German: every figure of it, from its fields."""

from typing import Final

import msgspec
import pytest
from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import FactEvidence, RateEvidence
from streams.contract.examples import examples
from streams.desk.site.counted import counted
from streams.desk.site.words import words_of

ALERTS: Final = [msgspec.convert(one.payload, Alert) for one in examples()["Alert"]]


def example() -> tuple[Alert, RateEvidence]:
    alert = next(one for one in ALERTS if isinstance(one.evidence, RateEvidence))
    assert isinstance(alert.evidence, RateEvidence)
    return alert, alert.evidence


def test_every_figure_stands_in_it_as_germans_write_it() -> None:
    alert, evidence = example()
    told = structs.replace(
        evidence,
        matured=1_046,
        observed=21,
        expected=2.01,
        rate_ratio=9.34,
        rate_ratio_low=6.31,
        rate_ratio_high=13.06,
        likely_start="2026-10-31",
    )
    told_alert = structs.replace(alert, evidence=told, pattern="unused_account")
    assert counted(words_of("de"), told_alert) == (
        "Von 1.046 Ausgängen seit dem 31.10.2026 zählen 21 als „Ungenutzte Konten“. In der "
        "Vergleichsgruppe wären 2,01 zu erwarten: Gezählt sind es 10,4-mal so viele. Zufall und "
        "ehrliche Unterschiede eingerechnet, ist die beste Schätzung das 9,3-Fache "
        "(90\u2011%\u2011Intervall 6,3 bis 13,1). Das ist zu prüfen, und kein Urteil."
    )
    more = structs.replace(told, expected=20.14)
    assert "wären 20,1 zu" in (counted(words_of("de"), structs.replace(alert, evidence=more)) or "")


@pytest.mark.parametrize("alert", ALERTS, ids=lambda one: f"{one.pattern} {one.status}")
def test_the_engine_speaks_for_itself_in_english_and_where_nothing_is_counted(alert: Alert) -> None:
    assert counted(words_of("en"), alert) is None
    has_rate = isinstance(alert.evidence, RateEvidence)
    assert (counted(words_of("de"), alert) is not None) == has_rate
    if isinstance(alert.evidence, FactEvidence):
        assert counted(words_of("de"), alert) is None


def test_nothing_is_divided_by_nothing() -> None:
    alert, evidence = example()
    nothing = structs.replace(alert, evidence=structs.replace(evidence, expected=0.0))
    assert counted(words_of("de"), nothing) is None
