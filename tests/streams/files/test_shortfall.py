"""When a run has read too little, and the reason that is told."""

from collections.abc import Sequence

import pytest

from streams.files.shortfall import MOST_REFUSED, Refusals, Tally, nothing_used, too_little
from streams.wire.dead_letter import DeadLetter


def tally(
    used: int,
    refused: Sequence[str] = (),
    *,
    left_out: int = 0,
    beginning: bytes = b"",
    holes: Sequence[str] = (),
) -> Tally:
    refusals = Refusals()
    for number, reason in enumerate(refused, start=1):
        refusals.add(DeadLetter(reason=reason, detail="why", source="a", line=number, record=b""))
    return Tally(used, left_out, refusals, {"a": beginning}, holes)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (tally(0), "no record was found: a is empty"),
        (tally(0, holes=["a: cut"]), "no record was found: a: cut"),
        (tally(0, left_out=3), "no record was applied: all 3 are not wanted"),
        (tally(0, ["x"], beginning=b"a,b,c\n1,2,3\n"), "every record was refused (1): a looks lik"),
        (tally(0, ["x", "y", "y"]), "every record was refused (3): 2 of them as y, first a:2: why"),
        (tally(0, ["x"], left_out=3), "every record was refused (1): all of them as x, first a:1"),
    ],
)
def test_a_run_that_used_nothing_says_why(read: Tally, said: str) -> None:
    assert (nothing_used(read, "not wanted") or "").startswith(said)


@pytest.mark.parametrize("read", [tally(1), tally(1, ["x"] * 1_000), tally(1, holes=["a: cut"])])
def test_a_run_that_used_something_is_no_such_run(read: Tally) -> None:
    assert nothing_used(read, "") is None


@pytest.mark.parametrize(
    ("read", "most", "is_enough"),
    [
        (tally(99, ["x"]), MOST_REFUSED, True),
        (tally(98, ["x"]), MOST_REFUSED, False),
        (tally(98, ["x"], left_out=1), MOST_REFUSED, True),
        (tally(10_000), 0.0, True),
        (tally(10_000, ["x"]), 0.0, False),
        (tally(1, ["x"] * 1_000), 1.0, True),
        (tally(1_000, holes=["a: cut"]), 1.0, False),
    ],
)
def test_enough_is_a_share_of_all_records_and_no_hole(
    read: Tally,
    most: float,
    is_enough: bool,  # noqa: FBT001 - a case
) -> None:
    assert (too_little(read, most) is None) is is_enough


def test_the_reason_names_the_share_the_limit_and_every_hole() -> None:
    said = too_little(tally(97, ["x"] * 3, holes=["b: cut", "c: cut"]), 0.005)
    assert said == (
        "b: cut; c: cut; 3 of 100 records were refused (3.00%), more than --most-refused 0.5%: "
        "all of them as x, first a:1: why"
    )
