"""A seal fits one record in one place, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from streams.wire.seal import SEAL, SealCheck, check_seal, place_of, seal_of

contents = st.none() | st.binary(max_size=4)
headers = st.lists(st.tuples(st.text(max_size=3), contents), max_size=2)
records = st.tuples(st.text(max_size=4), contents, contents, headers)


@given(records, records)
def test_two_records_have_one_seal_only_if_they_are_the_same(
    one: tuple[str, bytes | None, bytes | None, list[tuple[str, bytes | None]]],
    other: tuple[str, bytes | None, bytes | None, list[tuple[str, bytes | None]]],
) -> None:
    assert (seal_of(*one) == seal_of(*other)) == (one == other)


def test_parts_cut_elsewhere_and_no_value_are_told_apart() -> None:
    seals = {
        seal_of("a", b"b", b"c"),
        seal_of("ab", b"", b"c"),
        seal_of("a", b"", b"bc"),
        seal_of("a", b"bc", b""),
        seal_of("a", b"bc", None),
        seal_of("a", None, b"bc"),
        seal_of("a", b"b", b"c", [("", b"")]),
        seal_of("a", b"b", b"c", [("", None)]),
    }
    assert len(seals) == 8


@given(st.none() | st.binary(max_size=40))
def test_what_is_no_seal_is_none(found: bytes | None) -> None:
    assert check_seal("a", b"k", b"v", [(SEAL, found)]) is SealCheck.ABSENT


def test_a_seal_says_whose_a_record_is() -> None:
    seal = seal_of(place_of("x-outcomes", 3), b"k", b"v")
    others = [("trace", b"1"), ("trace", None)]  # what is added on the way changes nothing

    def checked(place: str, found: bytes | None) -> SealCheck:
        return check_seal(place, b"k", b"v", [*others, (SEAL, found), *others])

    assert checked("x-outcomes/3", seal) is SealCheck.RIGHT
    assert checked("x-outcomes/2", seal) is SealCheck.WRONG
    assert checked("outcomes/3", seal) is SealCheck.WRONG
    assert checked("x-outcomes/3", b"9" + seal[1:]) is SealCheck.OTHER_RELEASE
    assert checked("x-outcomes/3", seal.upper() + b"x") is SealCheck.ABSENT
    assert check_seal("x-outcomes/3", b"k", b"v", others) is SealCheck.ABSENT


def test_its_form_does_not_change_by_accident() -> None:
    """Every state and letter that was written bears it: another form is another version."""
    assert seal_of("sales/0", b"k", b"v") == b"7:68675e6b6351ec8e07fa3ff6ae2249ca"
