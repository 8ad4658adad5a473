"""The sales under one value: void claims win, and of too many only the nearest are looked at."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, AgentId, Cell, SaleId
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.mention import Mention
from detectors.facts.questions import MOST_SHARING
from detectors.facts.sales import Sales
from detectors.keys.group import Group
from detectors.keys.stage import Keys
from detectors.messages.mentions import MentionBundle
from detectors.patterns.key.shared_payer import SharedPayer
from tests.detectors.worlds import SETTINGS

DAY = 86_400.0
NOW = Seconds(0.0)


def mention(
    number: int, at: float, customer: int, event_id: str = "e", *, void: bool = False
) -> Mention:
    name, contact = f"s-{number}", (0, 0, customer, 1)
    sale = SaleRecord(
        *(SaleId(name), event_id, Seconds(at), AgentId("anna"), "card", Cell("card")),
        customer=customer,
        contact=contact,
    )
    return Mention("payer_hash", 1, AccountId(name), sale, NOW, void)


CLAIMS = st.lists(
    st.builds(
        mention,
        st.integers(0, 2),
        st.just(0.0),
        st.integers(1, 2),
        st.sampled_from("abc"),
        void=st.booleans(),
    ),
    max_size=8,
)


def standing(group: Group) -> set[tuple[str, str]]:
    return {(one.sale.sale_id, one.sale.event_id) for one in group if one.stands}


@given(CLAIMS, st.randoms(use_true_random=True))
def test_claims_are_a_set_in_which_void_ones_win(claims: list[Mention], random: Random) -> None:
    whole, piecemeal = Group(), Group()
    whole.apply(claims)
    again = random.sample([*claims, *claims], 2 * len(claims))
    for one in again:
        piecemeal.apply([one])
    voided = {(one.sale.sale_id, one.sale.event_id) for one in claims if one.void}
    told = {(one.sale.sale_id, one.sale.event_id) for one in claims if not one.void} - voided
    first = {sale_id: min(event for name, event in told if name == sale_id) for sale_id, _ in told}
    assert standing(whole) == set(first.items())
    assert standing(piecemeal) <= told


def verdict(group: Group, number: int) -> Verdict:
    [shared] = [one for one in group if one.sale.sale_id == f"s-{number}"]
    pattern = SharedPayer()
    return pattern.verdict(Sales([group.row(shared, 30 * DAY, 30 * DAY)], 30 * DAY, 0.0))


def test_of_too_many_the_nearest_are_looked_at_which_clears_nobody() -> None:
    group, many = Group(), 2 * MOST_SHARING
    group.apply([mention(number, number, 1) for number in range(many)])
    assert verdict(group, MOST_SHARING) is Verdict.EXCLUDED, "nobody looked at all of them"
    near = [mention(many + one, MOST_SHARING + one / 4, 1 + one) for one in (1, 2)]
    group.apply(near)
    assert verdict(group, MOST_SHARING) is Verdict.BAD
    assert verdict(group, 0) is Verdict.EXCLUDED, "they are far from this one"
    [shared] = [one for one in group if one.sale.sale_id == "s-0"]
    assert len(group.row(shared, 30 * DAY, 30 * DAY).sharing) == MOST_SHARING


def test_a_value_of_too_many_sales_is_counted_once_and_so_after_a_restart() -> None:
    told = [mention(number, number, 1) for number in range(MOST_SHARING + 2)]
    keys = Keys(SETTINGS)
    for part, until in ((told[:MOST_SHARING], 1.0), (told[MOST_SHARING:], 2.0)):
        assert keys.crowded == {}
        known = [structs.replace(one, known_at=Seconds(until)) for one in part]
        keys.receive(MentionBundle(0, Seconds(until + 0.5), known))
    assert keys.crowded == {"payer_hash": 1}
    restored = Keys(SETTINGS)
    restored.restore(keys.snapshot())
    restored.receive(MentionBundle(0, Seconds(3.0), told))
    assert restored.crowded == {"payer_hash": 1}
