"""What an alert tells its reviewer: words for every pattern, and no claim that settings deny."""

from collections.abc import Callable
from typing import Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, structs

from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Ending
from detectors.basis.event_time import Day, Seconds, start_of_day
from detectors.basis.identifiers import AccountId, AgentId, Cell, SaleId
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.sales import Sales, Sold
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.advice import ABOUT_ACCOUNTS, ABOUT_AGENTS, Advice
from detectors.settings import Settings
from tests.streams.alerts_at_hand import agent_alert

ADVICE: Final = ("next_step", "would_clear", "explanations_checked", "explanations_unchecked")

MOST_SHOWN: Final = 250
"""Characters of a sentence that a chat shows without folding it."""

SOLD: Final = start_of_day(Day(100))
SALE: Final = SaleRecord(SaleId("s"), "sold", SOLD, AgentId("anna"), "card", Cell("card"))
REASONS: Final = get_args(CancellationReason)


def words() -> list[Advice]:
    """Return the words of every pattern of the registry, enabled or not."""
    registry = Patterns()
    every: list[Advice] = []
    for name in registry.__struct_fields__:
        pattern = getattr(registry, name)
        if isinstance(pattern, SalePattern):
            every.append(pattern.advice)
            every += [pattern.early_advice] if pattern.early else []
            every += [pattern.account_advice] if pattern.alerts_on_account else []
    burst = registry.bursts()
    assert burst is not None
    return [*every, burst.advice]


WORDS: Final = words()

Checked = Callable[[QuickCancellation], tuple[str, ...]]


def told(alert: Alert) -> list[object]:
    return [getattr(alert, name) for name in ADVICE]


def test_every_pattern_has_words_of_its_own() -> None:
    for number, one in enumerate(WORDS):
        for other in (*WORDS[:number], ABOUT_AGENTS, ABOUT_ACCOUNTS):
            assert one != other


def test_the_words_are_short_and_whole() -> None:
    for advice in (*WORDS, ABOUT_AGENTS, ABOUT_ACCOUNTS):
        for words in (advice.next_step, advice.would_clear, *advice.explanations_unchecked):
            assert words.isprintable()
            assert words[0].isupper()
            assert words[-1] in ".?"
            assert len(words) <= MOST_SHOWN


def test_nothing_but_advice_is_added() -> None:
    bare = structs.replace(agent_alert(), **dict.fromkeys(ADVICE, UNSET))
    for status in ("open", "resolved", "withdrawn"):
        alert = structs.replace(bare, status=status)
        added = advised(alert, ("a",), ABOUT_AGENTS)
        assert added != alert
        assert structs.replace(added, **dict.fromkeys(ADVICE, UNSET)) == alert
        assert advised(added, ("a",), ABOUT_AGENTS) == added


def test_a_withdrawal_explains_nothing_and_an_end_no_longer_asks_for_calls() -> None:
    bare = structs.replace(agent_alert(), **dict.fromkeys(ADVICE, UNSET))
    withdrawn = advised(structs.replace(bare, status="withdrawn"), ("a",), ABOUT_AGENTS)
    assert "does not hold" in str(withdrawn.next_step)
    assert told(withdrawn)[1:] == [UNSET] * 3
    resolved = advised(structs.replace(bare, status="resolved"), ("a",), ABOUT_AGENTS)
    assert resolved.next_step != advised(bare, ("a",), ABOUT_AGENTS).next_step
    assert told(resolved)[1:] == told(advised(bare, ("a",), ABOUT_AGENTS))[1:]


def test_where_nothing_was_checked_there_is_no_empty_list() -> None:
    assert advised(agent_alert(), (), ABOUT_AGENTS).explanations_checked is UNSET


def checked_is_excluded(pattern: QuickCancellation, checked: Checked) -> None:
    """Require that a reason is named as checked exactly if a sale cancelled for it does not count.

    The customer replacing the sale has a line of its own.
    """
    [named] = [one for one in checked(pattern) if one.startswith("cancelled for")] or [""]
    words = named.partition(": ")[2].split(", ")
    for reason in REASONS:
        if reason == "replaced":
            continue
        cancelled = CancellationRecord(
            SaleId("s"), "c", Seconds(SOLD + 1.0), reason, initiated_by="agent"
        )
        known = Account(sales=(SALE,), cancellations=(cancelled,))
        sold = Sold(SALE, AccountId("a"), known)
        verdict = pattern.verdict(Sales([sold], 864_000.0, 0.0))
        assert (verdict is Verdict.EXCLUDED) == (reason.replace("_", " ") in words), reason


@given(st.lists(st.sampled_from(REASONS), unique=True))
def test_what_is_told_as_checked_is_what_the_settings_exclude(
    reasons: list[CancellationReason],
) -> None:
    pattern = QuickCancellation(excluded_reasons=tuple(reasons))
    checked_is_excluded(pattern, lambda one: one.explanations_checked)


def test_the_law_catches_words_that_do_not_follow_the_settings() -> None:
    pattern = QuickCancellation(excluded_reasons=("no_show",))
    with pytest.raises(AssertionError):
        checked_is_excluded(pattern, lambda _: QuickCancellation().explanations_checked)


def test_without_a_smallest_share_small_refunds_are_not_told_as_checked() -> None:
    def about_refunds(pattern: QuickCancellation) -> list[str]:
        return [one for one in pattern.explanations_checked if "refunded" in one]

    assert about_refunds(QuickCancellation())
    assert not about_refunds(QuickCancellation(smallest_refund_share=0.0))


def test_all_tiers_tell_what_their_outcomes_leave_out() -> None:
    patterns = Settings().patterns
    source = patterns.quick_cancellation.explanations_checked
    derived = [one for one in patterns.enabled() if one.name == "burst"]
    assert [one.explanations_checked for one in (*derived, *patterns.early_tiers())] == [source] * 2


@pytest.mark.parametrize("ending", ["evidence_fell", "silent", "explained"])
def test_every_end_says_what_is_left_to_do(ending: Ending) -> None:
    bare = structs.replace(agent_alert(), status="resolved")
    ended = advised(structs.replace(bare, ending=ending), (), ABOUT_AGENTS)
    others = {ABOUT_AGENTS.next_step}
    assert str(ended.next_step) not in others
    assert ("explains nothing" in str(ended.next_step)) == (ending == "silent")
    assert ("Decide the case" in str(ended.next_step)) == (ending != "explained")
