from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import DAY, Seconds, day_of
from detectors.basis.identifiers import AccountId, Cell, SaleId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.sales import Sold
from detectors.ledger.cohorts import Cohorts

AGES = (0.4 * DAY, 3.0 * DAY, 5.5 * DAY)
NOBODY = Account()


def sold(at: float, account_id: str = "a") -> Sold:
    return Sold(
        SaleRecord(SaleId("s"), "e", Seconds(at), None, "p", Cell("p")),
        AccountId(account_id),
        NOBODY,
    )


@given(st.data())
def test_each_sale_reaches_each_age_once_and_in_time(data: st.DataObject) -> None:
    cohorts, watermark = Cohorts(AGES), -10.0 * DAY
    added: list[float] = []
    reached: list[list[float]] = [[] for _ in AGES]
    for _ in range(data.draw(st.integers(1, 25))):
        later = data.draw(st.lists(st.integers(0, 40), max_size=6))
        for quarters in later:
            at = max(0.0, watermark) + quarters * DAY / 4
            cohorts.add(day_of(Seconds(at)), sold(at))
            added.append(at)
        watermark += data.draw(st.integers(0, 20)) * DAY / 4
        for index, age in ((0, AGES[0]), (1, AGES[1]), (-1, AGES[2])):
            found = [entry.sale.at for entry in cohorts.reach(index, Seconds(watermark))]
            assert found == sorted(found)
            reached[index] += found
            assert sorted(reached[index]) == sorted(at for at in added if at + age < watermark)
    assert len(cohorts) <= sum(at + AGES[2] + DAY >= watermark for at in added)
