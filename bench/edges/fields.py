"""Odd values, other units, other spellings."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from bench.edges.fault import (
    Chosen,
    Draw,
    Fault,
    Planted,
    Scope,
    changed,
    of_kind,
    some,
    with_fields,
)
from bench.edges.world import Arrival

ODD: Final[dict[str, tuple[tuple[str, Any], ...]]] = {
    "sale": (
        ("channel", ""),
        ("team", 7),
        ("amount", "12,50"),
        ("sentiment", 1.5),
        ("closing_attempts", 2.0),
        ("commission", -3),
        ("customer_id", None),
        ("booked_at", "yesterday"),
        ("unheard_of", {"a": [1, None]}),
    ),
    "cancellation": (
        ("reason", "refund"),
        ("reason", None),
        ("initiated_by", "Customer"),
        ("refund", "all of it"),
    ),
    "account_activity": (
        ("kind", "purchase"),
        ("kind", "LOGIN"),
        ("kind", None),
        ("amount", "12.50"),
        ("initiated_by", None),
        ("counterparty_account_id", 3.5),
        ("result", []),
    ),
}
"""By kind of event: values that sources were seen to send."""


def odd_values(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let a source send odd values in a share of its records."""
    share = round(draw.random.choice((0.02, 0.3, 1.0)), 2)
    since = draw.random.choice((draw.world.begins, draw.moment()))
    chosen = {
        kind: draw.random.sample(values, k=min(2, len(values))) for kind, values in ODD.items()
    }
    hit = some(draw, share)

    def odd(one: Arrival) -> Arrival:
        field, value = draw.random.choice(chosen[one.kind])
        return with_fields(one, **{field: value})

    told = f"{share:.0%} of records have odd fields: {chosen}"
    return Planted(
        changed(arrivals, lambda one: one.happened >= since and hit(one.account), odd), told
    )


def in_hundredths(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let amounts of some products be sent in hundredths."""
    since = draw.moment()
    products = sorted({one.record["product"] for one in arrivals if one.kind == "sale"})
    some_products = draw.random.sample(products, k=draw.random.randint(1, len(products)))

    def chosen(one: Arrival) -> bool:
        return (
            one.kind == "sale" and one.happened >= since and one.record["product"] in some_products
        )

    def times_hundred(one: Arrival) -> Arrival:
        return with_fields(one, amount=round(one.record["amount"] * 100, 2))

    return Planted(changed(arrivals, chosen, times_hundred), f"amounts of {some_products} x 100")


def _in_capitals(name: str) -> str:
    return name.upper()


def _after_a_space(name: str) -> str:
    return f" {name}"


SPELLINGS: Final = (_in_capitals, _after_a_space)


def _spelt(
    field: str, choose: Callable[[Draw], tuple[Chosen, str]]
) -> Callable[[Sequence[Arrival], Draw], Planted]:
    def plant(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
        chosen, words = choose(draw)
        spell = draw.random.choice(SPELLINGS)

        def spelt(one: Arrival) -> Arrival:
            known = one.record.get(field)
            return one if known is None else with_fields(one, **{field: spell(known)})

        return Planted(
            changed(arrivals, chosen, spelt), f"{field} of {words}: {spell.__name__[1:]}"
        )

    return plant


def _uses(draw: Draw) -> tuple[Chosen, str]:
    since = draw.random.choice((draw.world.begins, draw.moment()))
    scope: Scope = draw.random.choice(("everywhere", "site"))
    return of_kind(draw, "account_activity", scope, since, draw.world.ends)


def _cancellations(draw: Draw) -> tuple[Chosen, str]:
    since = draw.random.choice((draw.world.begins, draw.moment()))
    return of_kind(draw, "cancellation", "everywhere", since, draw.world.ends)


def _sales_of_a_site(draw: Draw) -> tuple[Chosen, str]:
    chosen, words = of_kind(draw, "sale", "site", draw.moment(), draw.world.ends)
    hit = some(draw, 0.5)
    return (lambda one: chosen(one) and hit(one.account)), f"half of {words}"


FIELDS: Final = (
    Fault("odd values in fields", odd_values, ("repaired",)),
    Fault("amounts in hundredths", in_hundredths, ("amount_shift",)),
    Fault(
        "uses under another spelling",
        _spelt("account_id", _uses),
        ("unseen", "unmatched"),
        gap="Where it is one site, the feed of that site is lost: see there.",
    ),
    Fault(
        "cancellations under another spelling",
        _spelt("sale_id", _cancellations),
        ("unseen", "unmatched"),
        gap="On an account that was sold twice a customer's cancellation that names an unknown "
        "sale does not show that they know of the second. "
        "Where cancellations never came under the right name, sight misses none.",
    ),
    Fault("agents under two spellings", _spelt("agent_id", _sales_of_a_site), ("spellings",)),
)
