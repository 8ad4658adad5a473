from msgspec import structs

from detectors.ledger.cells import CellNames
from tests.detectors.worlds import sale


def named(*fields: str, product: str = "card", channel: str | None = None) -> str:
    return CellNames(fields).of(structs.replace(sale(0), product=product, channel=channel))


def test_a_cell_is_named_by_the_values_of_its_fields() -> None:
    assert named("product") == "card"
    assert named("product", "channel", channel="web") == "card/web"
    assert named("channel", "product", channel="web") == "web/card"


def test_a_missing_value_reads_as_a_dash() -> None:
    assert named("product", "channel") == named("product", "channel", channel="-") == "card/-"


def test_a_slash_within_a_value_parts_nothing() -> None:
    assert named("product", "channel", product="a/b", channel="c") == "a\\/b/c"
    assert named("product", "channel", product="a\\", channel="/c") == "a\\\\/\\/c"


def test_tenure_is_left_to_those_who_know_it() -> None:
    assert named("product", "tenure") == "card"
    assert named("tenure") == ""


def test_many_cells_take_bounded_room() -> None:
    cells = CellNames(["product"])
    for number in range(30_000):
        assert cells.of(sale(0, product=f"product {number}")) == f"product {number}"
    assert len(cells._known) <= 10_000  # noqa: SLF001 - a leak has no other face
