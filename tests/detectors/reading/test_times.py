from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import UnreadableValue
from detectors.reading.plain import Number
from detectors.reading.times import moment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HALF_PAST_TWO = datetime(2025, 3, 30, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-30T02:30:00Z",
        "2025-03-30t02:30:00z",
        "2025-03-30 02:30:00Z",
        "2025-03-30T02:30Z",
        "2025-03-30T04:30:00+02",
        "2025-03-30T04:30:00+0200",
        "2025-03-30T04:30:00 +02:00",
        "2025-03-30T04:30:00+02:00[Europe/Berlin]",
        "2025-03-30T02:30:00,000Z",
        "2025-03-30 02:30:00 UTC",
        "20250330T023000Z",
        "20250330T0230Z",
        " 2025-03-30T02:30:00Z ",
        "1743301800",
        "1743301800.000",
        "1743301800000",
        "1743301800000000",
        "1743301800000000000",
    ],
)
def test_one_moment_in_many_forms_is_that_moment(text: str) -> None:
    assert moment(text) == HALF_PAST_TWO


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-30", datetime(2025, 3, 30, tzinfo=UTC)),
        ("20250330", datetime(2025, 3, 30, tzinfo=UTC)),
        ("2025-03-30T24:00:00Z", datetime(2025, 3, 31, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2017-01-01T08:59:60+09:00", datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2025-03-30T02:30:00.25Z", HALF_PAST_TWO + timedelta(milliseconds=250)),
        ("1743301800.25", HALF_PAST_TWO + timedelta(milliseconds=250)),
        ("1743301800250.5", HALF_PAST_TWO + timedelta(milliseconds=250, microseconds=500)),
    ],
)
def test_what_needs_a_rule_is_read_by_it(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "value",
    [
        "2025-03-30T02:30:00",
        "2025-03-30T02:30:00[Europe/Berlin]",
        "30.03.2025 02:30",
        "03/30/2025 02:30 PM",
        "2025-02-29",
        "2025-02-29T00:00:00Z",
        "2025-13-01",
        "2025-0330T02:30:00Z",
        "2025-03-30T24:00:01Z",
        "2025-03-30T25:00:00Z",
        "2025-03-30T12:30:60Z",
        "2025-03-30T23:59:60Z",
        "2025-03-30T02:30:00+24:00",
        "2025-03-30T02:30:00+02:60",
        "9999-12-31T24:00:00Z",
        "\u0662025-03-30T02:30:00Z",
        "2025-03-30T02:30:00\udc80Z",
        "",
        "yesterday",
        "-1743301800",
        "1e9",
        "9" * 20,
        None,
        True,
        [],
        {},
        Number("NaN"),
        Number("-5"),
        Number("1e9"),
    ],
)
def test_what_may_be_more_than_one_moment_or_none_is_refused_with_the_remedy(
    value: object,
) -> None:
    with pytest.raises(UnreadableValue, match="2025-03-01T10:00:00Z"):
        moment(value)


@given(
    st.integers(10**8, 7 * 10**9).map(lambda seconds: EPOCH + timedelta(seconds=seconds)),
    st.sampled_from((0, 3, 6)),
)
def test_a_number_is_the_same_moment_in_every_unit(at: datetime, digits: int) -> None:
    at += timedelta(microseconds=123_456)
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    kept = microseconds // 10 ** (6 - digits)
    expected = EPOCH + timedelta(microseconds=kept * 10 ** (6 - digits))
    assert moment(Number(str(kept))) == expected
    assert moment(Number(f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06}")) == at
