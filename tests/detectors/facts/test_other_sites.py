"""Which sites sold on an account: the same whenever one looks, and whatever is forgotten."""

from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, Cell, SaleId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.other_sites import OtherSites, other_sites

OWN = SaleRecord(SaleId("s"), "e", Seconds(100.0), AgentId("a"), "card", Cell("card"), site="leeds")


def at(seconds: float, site: str | None) -> SaleRecord:
    return structs.replace(OWN, sale_id=SaleId(f"{seconds}"), at=Seconds(seconds), site=site)


def found(*others: SaleRecord, sold: bool = False) -> OtherSites:
    account = Account((OWN, *others), sold=sold)
    return other_sites(account, OWN, Seconds(150.0), remembered_since=60.0)


def test_sites_of_sales_until_the_end_of_the_window_count_once_and_in_order() -> None:
    others = [at(90, "riga"), at(149, "porto"), at(120, "riga"), at(130, "leeds"), at(80, None)]
    assert found(*others) == OtherSites(("porto", "riga"))
    assert found(*reversed(others)) == OtherSites(("porto", "riga"))


def test_what_was_sold_later_does_not_count() -> None:
    assert found(at(151, "porto")) == OtherSites()


def test_what_may_be_forgotten_counts_as_if_it_was() -> None:
    assert found(at(59, "porto")) == found(sold=True) == OtherSites((), of_any=True)
