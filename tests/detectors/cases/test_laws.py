"""The laws of cases, over generated lives; and that each of them bites."""

import pytest
from hypothesis import find, given, settings
from hypothesis.errors import NoSuchExample

from detectors.cases.fold import fold
from tests.detectors.cases.broken import BROKEN
from tests.detectors.cases.laws import LAWS, SEARCH, Fold, Law
from tests.detectors.cases.lives import Life, lives


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_fold_keeps_the_law(law: Law) -> None:
    @given(life=lives())
    @settings(max_examples=150)
    def holds(life: Life) -> None:
        law(fold, life)

    holds()


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_fold_is_caught(name: str) -> None:
    broken, law = BROKEN[name]
    try:
        find(lives(), lambda life: _breaks(law, broken, life), settings=SEARCH)
    except NoSuchExample:
        pytest.fail(f"{law.__name__} does not catch {name}")


def test_every_law_has_a_broken_fold() -> None:
    assert {law for _, law in BROKEN.values()} == set(LAWS)


def _breaks(law: Law, broken: Fold, life: Life) -> bool:
    try:
        law(broken, life)
    except AssertionError:
        return True
    return False
