import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.identifiers import AccountId, SaleId
from detectors.basis.text_hash import batch_number, customer_hash, sale_hash, sale_hashes

TEXTS = st.text(min_size=1, max_size=12).filter(lambda text: "\0" not in text)
AMOUNTS = st.floats(0, 1e9, allow_subnormal=False).filter(lambda amount: str(amount) != "-0.0")
SALES = st.tuples(TEXTS, TEXTS, AMOUNTS)


@given(SALES, SALES)
def test_sales_alike_in_customer_product_and_amount_are_a_batch_and_no_others(
    one: tuple[str, str, float], other: tuple[str, str, float]
) -> None:
    assert (batch_number(*one) == batch_number(*other)) == (one == other)


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_a_hash_stands_for_a_sale_and_its_account(
    one: tuple[SaleId, AccountId], other: tuple[SaleId, AccountId]
) -> None:
    assert (sale_hash(*one) == sale_hash(*other)) == (one == other)


@given(st.lists(st.tuples(TEXTS, TEXTS)))
def test_many_hashes_are_those_of_each(sales: list[tuple[SaleId, AccountId]]) -> None:
    assert sale_hashes(sales) == [sale_hash(*sale) for sale in sales]


@given(TEXTS, TEXTS, AMOUNTS)
def test_hashes_and_batches_are_small_and_a_batch_is_never_none(
    one: str, other: str, amount: float
) -> None:
    assert 0 <= sale_hash(SaleId(one), AccountId(other)) < 2**60
    assert 0 < batch_number(one, other, amount) < 2**60
    assert 0 < customer_hash(one) < 2**60
    assert (customer_hash(one) == customer_hash(other)) == (one == other)


def test_neighbouring_ids_do_not_meet_and_are_spread_out() -> None:
    hashes = [sale_hash(SaleId(f"sale {n}"), AccountId(f"account {n}")) for n in range(100_000)]
    assert len(set(hashes)) == len(hashes)
    tenths = [sum(1 for hashed in hashes if hashed * 10 // 2**60 == part) for part in range(9)]
    assert all(abs(count - 100_000 * 2**60 / 1.056e19) < 2_000 for count in tenths)
    batches = {
        batch_number(f"customer {n}", "card", price) for n in range(5_000) for price in (1, 2)
    }
    assert len(batches) == 10_000


def test_they_are_the_same_in_every_process() -> None:
    code = (
        "from detectors.basis.text_hash import batch_number, customer_hash, sale_hash; "
        "print(batch_number('c', 'p', 2.5), sale_hash('s', 'a'), customer_hash('c'))"
    )
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == [
            str(batch_number("c", "p", 2.5)),
            str(sale_hash(SaleId("s"), AccountId("a"))),
            str(customer_hash("c")),
        ]
