"""Accounts that became part of others: nothing rests on cancellations that nobody could see."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds, seconds_at
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AccountMerged, AnyEvent, Sale
from detectors.facts.mention import Mention
from detectors.facts.questions import CANCELLATIONS
from detectors.facts.traffic.touch import Touch
from detectors.keys.stage import Keys
from tests.detectors.definition import Fact, facts_across, facts_in_the_end
from tests.detectors.keys.broken import NeverCorrects
from tests.detectors.keys.runs import of_type, randoms, said
from tests.detectors.ledger.test_merges import merged
from tests.detectors.patterns.across import ACROSS
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    END,
    HOUR,
    SETTINGS,
    WINDOWS,
    at,
    in_order,
    late_orders,
    orders,
    regulars,
)

ON = structs.replace(SETTINGS, corrections=CorrectionSettings(merges=True))


@st.composite
def merging_regulars(draw: st.DrawFn) -> list[AnyEvent]:
    """Draw customers some of whose accounts are merged, near one of their sales or not."""
    events = regulars(draw(randoms()))
    sold = [event for event in events if isinstance(event, Sale)]
    for one in draw(st.lists(st.sampled_from(sold), min_size=1, max_size=4)):
        hours = (seconds_at(one.occurred_at) - seconds_at(at(0))) / HOUR
        after = draw(st.integers(-6, 6) | st.integers(-200, 200))
        events.append(merged(hours + after, one.account_id, "elsewhere"))
    return in_order(events)


def seen(events: Sequence[AnyEvent]) -> set[Fact]:
    """Return what is known across accounts by definition, but for what a merge touches."""
    merges: dict[str, list[float]] = {}
    for event in events:
        if isinstance(event, AccountMerged):
            merges.setdefault(event.account_id, []).append(seconds_at(event.occurred_at))
    rest = [event for event in events if not isinstance(event, AccountMerged)]
    sold = [event for event in rest if isinstance(event, Sale)]
    by_id = {one.sale_id: one for one in sold}

    def is_touched(fact: Fact) -> bool:
        pattern, own = ACROSS[fact.pattern].pattern, by_id[fact.sale_id]
        if CANCELLATIONS not in pattern.questions:
            return False
        made, window = seconds_at(own.occurred_at), WINDOWS[pattern.name]
        back = seconds_of(pattern.looks_back)
        accounts = {
            one.account_id
            for one in sold
            if one.customer_id == own.customer_id
            and made - back <= seconds_at(one.occurred_at) <= made + window
        }
        since, until = made - max(back, window), made + window
        times = [one for account in accounts for one in merges.get(account, ())]
        return any(since <= one <= until for one in times)

    return {fact for fact in facts_across(rest, Seconds(END)) if not is_touched(fact)}


def merging_law(
    keys: type[Keys], data: st.DataObject, order: Callable[..., st.SearchStrategy[list[AnyEvent]]]
) -> None:
    events = data.draw(merging_regulars())
    outcomes = said(
        data.draw(order(events)),
        of_type(keys, ON),
        data.draw(randoms()),
        ledgers=data.draw(st.sampled_from((1, 2, 4))) if order is orders else 1,
        keys=data.draw(st.sampled_from((1, 2))),
        restarts=True,
        settings=ON,
    )
    assert facts_in_the_end(outcomes) == seen(events)


def in_time_law(keys: type[Keys], data: st.DataObject) -> None:
    merging_law(keys, data, orders)


def late_law(keys: type[Keys], data: st.DataObject) -> None:
    merging_law(keys, data, late_orders)


@given(st.data())
def test_nothing_is_said_of_sales_that_a_merge_touches(data: st.DataObject) -> None:
    in_time_law(Keys, data)


@given(st.data())
def test_what_was_said_is_taken_back_if_it_comes_late(data: st.DataObject) -> None:
    late_law(Keys, data)


class HearsOfNoMerge(Keys):
    """Takes what nobody could see for what did not happen."""

    def _take(self, mentions: Sequence[Mention], touches: Sequence[Touch], now: Seconds) -> None:
        plain = [structs.replace(one, merges=()) for one in mentions]
        super()._take(plain, touches, now)


@pytest.mark.parametrize(
    ("law", "broken"), [(in_time_law, HearsOfNoMerge), (late_law, NeverCorrects)]
)
def test_the_laws_catch(
    law: Callable[[type[Keys], st.DataObject], None], broken: type[Keys]
) -> None:
    assert refuted(law, broken, examples=60)


@settings(max_examples=3)
@given(st.data())
def test_by_default_it_changes_nothing(data: st.DataObject) -> None:
    events = data.draw(merging_regulars())
    rest = [event for event in events if not isinstance(event, AccountMerged)]
    random = data.draw(randoms())
    assert facts_in_the_end(said(events, of_type(Keys), random)) == facts_across(rest, END)
