"""A commendation agrees just if the outcomes of the agent give it, in every figure."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from io import StringIO
from typing import Final

import pytest
from msgspec import structs
from rich.console import Console

from detectors.alerts.commendation import Commendation, Ground
from detectors.basis.identifiers import AgentId, PatternName
from detectors.commendation_settings import CommendationSettings
from detectors.settings import Settings
from streams.errors import AlertNotFound
from streams.explain.alert import explanation_of
from streams.explain.finding import FoundCommendation, Source, find
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from tests.detectors.worlds import at
from tests.streams.files.test_commended_lines import good_sales

SETTINGS: Final = Settings(
    commendations=CommendationSettings(at_most_per_1000_agent_years=500, least_matured=20)
)


def source(settings: Settings = SETTINGS) -> Source:
    @contextmanager
    def blocks(_: str) -> Iterator[Iterator[Block]]:
        yield iter([Block(good_sales(), partial(Origin, "events.jsonl"))])

    return Source(settings, None, blocks)


@cache
def found() -> FoundCommendation:
    detection = Detection(SETTINGS, None, print)
    with source().blocks("") as blocks:
        for _ in detection.alerts(blocks):
            pass
    one = find(source(), detection.commendations()[0].commendation_id)
    assert isinstance(one, FoundCommendation)
    return one


def explained(revisions: list[Commendation]) -> tuple[bool, str]:
    """Return whether it agrees, and what is shown."""
    text, of = StringIO(), FoundCommendation(revisions, found().watermark)
    explanation = explanation_of(source(), of)
    explanation.print(Console(file=text, width=200, highlight=False, markup=False))
    return explanation.agrees(), text.getvalue()


def test_what_the_outcomes_give_agrees_and_is_shown() -> None:
    agrees, text = explained(found().revisions)
    assert agrees
    ground = found().latest.grounds[0]
    assert f"│ {ground.pattern} " in text
    assert f"│ {ground.matured} " in text
    assert "begins at 2 and ends below half of it" in text


OTHERWISE: Final = {
    "commendation_id": "0" * 24,
    "revision": 9,
    "status": "ended",
    "agent_id": AgentId("agent 1"),
    "opened_at": at(1),
    "updated_at": at(1),
    "summary": "The best of all.",
    "value": 1e6,
    "threshold": 1.0,
    "grounds": (),
    "config_hash": "0" * 16,
}

TAMPERED: Final = {
    "window": "1d",
    "outcome": "returned",
    "since": "2020-01-01",
    "matured": 1,
    "observed": 17,
    "expected": 1.0,
    "peers": "nobody",
    "probability": 0.5,
    "best_share": 0.5,
    "rate_ratio": 0.5,
    "rate_ratio_low": 0.5,
    "rate_ratio_high": 0.5,
    "between_agent_sd": 2.0,
}
"""All of a ground but the exponent, which is a matter of all agents: it is taken as told."""


@pytest.mark.parametrize(
    "field", sorted({*Commendation.__struct_fields__} - {"severity", "engine_version"})
)
def test_what_was_tampered_with_disagrees(field: str) -> None:
    first, *others = found().revisions
    changed = structs.replace(first, **{field: OTHERWISE[field]})
    assert not explained([changed, *others])[0]


@pytest.mark.parametrize("field", sorted({*Ground.__struct_fields__} - {"pattern", "tempering"}))
def test_a_figure_that_was_tampered_with_disagrees(field: str) -> None:
    first, *others = found().revisions
    ground, *rest = first.grounds
    changed = structs.replace(ground, **{field: TAMPERED[field]})
    told = structs.replace(first, grounds=(changed, *rest))
    agrees, text = explained([told, *others])
    assert not agrees
    assert "NO: " in text


def test_a_pattern_that_commends_nobody_disagrees() -> None:
    first, *others = found().revisions
    ground, *rest = first.grounds
    changed = structs.replace(ground, pattern=PatternName("burst"))
    assert not explained([structs.replace(first, grounds=(changed, *rest)), *others])[0]


def test_one_that_should_not_have_begun_disagrees_and_says_why() -> None:
    """With the settings of an installation that asks for more, the same evidence is too little."""
    strict = structs.replace(
        SETTINGS, commendations=CommendationSettings(at_most_per_1000_agent_years=1)
    )
    explanation, text = explanation_of(source(strict), found()), StringIO()
    explanation.print(Console(file=text, width=200, highlight=False, markup=False))
    assert not explanation.agrees()
    assert "when it began: too little" in text.getvalue()
    assert "100 are needed" in text.getvalue()


def with_settings(least_matured: int, revisions: list[Commendation]) -> tuple[bool, str]:
    """Return the same where other settings told of it: only whether it was due is in question."""
    settings = structs.replace(
        SETTINGS,
        commendations=structs.replace(SETTINGS.commendations, least_matured=least_matured),
    )
    told = [structs.replace(one, config_hash=settings.config_hash) for one in revisions]
    explanation = explanation_of(source(settings), FoundCommendation(told, found().watermark))
    text = StringIO()
    explanation.print(Console(file=text, width=200, highlight=False, markup=False))
    return explanation.agrees(), text.getvalue()


def test_one_of_too_few_sales_disagrees_though_its_figures_hold() -> None:
    first = found().revisions[:1]
    assert with_settings(21, first)[0]
    agrees, text = with_settings(1_000, first)
    assert not agrees
    assert "NO: " not in text
    assert "1,000 are needed" in text


def test_one_that_is_told_again_too_soon_disagrees_though_its_figures_hold() -> None:
    first = found().revisions[0]
    agrees, text = with_settings(21, [first, structs.replace(first, revision=2)])
    assert not agrees
    assert "NO: " not in text
    assert "Revision 2 came before 2 times as many sales" in text


def test_an_id_of_nothing_is_told_so() -> None:
    with pytest.raises(AlertNotFound, match="nor a commission or commendation of this id"):
        find(source(), "0" * 24)
