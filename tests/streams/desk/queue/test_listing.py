"""The queue shows every case once in its order, and its counts are what one finds behind them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.cases.case import SEVERITIES
from streams.config.desk import DeskSettings
from streams.desk.model.intake import Told
from streams.desk.model.read_model import ReadModel
from streams.desk.queue.asked import Asked, asked_of
from streams.desk.queue.listing import (
    ROWS_A_PAGE,
    Counts,
    QueueRow,
    Viewer,
    counts_of,
    matching,
    rows_of,
)
from streams.desk.waiting import clocks_of
from streams.errors import RequestRefused
from streams.wire.topics import Topic
from tests.integration.cases.desk_work import LAST, decisions, expected
from tests.streams.desk.desk_at_hand import TOLD

CLOCKS: Final = clocks_of(DeskSettings())
DECIDED: Final = decisions(TOLD)

Counting = Callable[[ReadModel, Asked, Viewer], Counts]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadModel]:
    folder = tmp_path_factory.mktemp("model")
    with ReadModel(folder / "model.sqlite") as found:
        cases = expected(TOLD, DECIDED).items()
        found.take_in(Told(Topic.CASES_CURRENT, key, value) for key, value in cases)
        yield found


PARAMETERS: Final = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["open", "acknowledged", "proposed,closed", "all", "snoozed"]),
        "severity": st.sampled_from(SEVERITIES),
        "pattern": st.sampled_from(["quick_cancellation", "unused_account", "none_such"]),
        "site": st.sampled_from(["site-1", "site-2"]),
        "team": st.sampled_from(["team-1", "team-2", "team-3"]),
        "mine": st.just("1"),
        "overdue": st.just("1"),
        "q": st.sampled_from(["AGENT-1", "agent stands", "nothing of the kind"]),
    },
)
VIEWERS: Final = st.builds(
    lambda login, hours: Viewer(login, LAST + timedelta(hours=hours), CLOCKS),
    st.sampled_from(["ann.lee@bank.example", "BANK\\bob.ray", "nobody"]),
    st.integers(-700, 400),
)


def wrong_counts(
    model: ReadModel, parameters: dict[str, str], viewer: Viewer, counting: Counting
) -> list[str]:
    """Return the counts that say another number than one finds."""
    asked = asked_of(parameters.items())
    counts = counting(model, asked, viewer)
    wrong = []
    if counts.total != len(rows_of(model, asked, viewer)):
        wrong.append("in all")
    for name, values in counts.by.items():
        for value, number in values.items():
            other = asked_of((parameters | {name: value}).items())
            if number != len(rows_of(model, other, viewer)):
                wrong.append(f"{name}={value}")
    return wrong


SHARED: Final = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@SHARED
@given(parameters=PARAMETERS, viewer=VIEWERS)
def test_every_count_is_what_one_finds(
    model: ReadModel, parameters: dict[str, str], viewer: Viewer
) -> None:
    assert wrong_counts(model, parameters, viewer, counts_of) == []


def _knows_no_other_filter(model: ReadModel, asked: Asked, viewer: Viewer) -> Counts:
    return Counts(counts_of(model, asked, viewer).total, counts_of(model, asked_of([]), viewer).by)


def test_counts_that_know_no_other_filter_are_caught(model: ReadModel) -> None:
    viewer = Viewer("nobody", LAST, CLOCKS)
    assert wrong_counts(model, {"site": "site-1"}, viewer, counts_of) == []
    assert wrong_counts(model, {"site": "site-1"}, viewer, _knows_no_other_filter)


def urgency(row: QueueRow) -> tuple[object, ...]:
    severity = SEVERITIES.index(row.case.severity)
    return (severity == 0, not row.overdue, -severity, row.case.opened_at, row.case.case_id)


@SHARED
@given(parameters=PARAMETERS, viewer=VIEWERS)
def test_the_most_urgent_come_first_and_all_are_as_asked(
    model: ReadModel, parameters: dict[str, str], viewer: Viewer
) -> None:
    asked = asked_of(parameters.items())
    rows = rows_of(model, asked, viewer)
    assert rows == sorted(rows, key=urgency)
    assert len({row.case.case_id for row in rows}) == len(rows) <= ROWS_A_PAGE
    for row in rows:
        assert not asked.filters.standing or row.case.state in asked.filters.standing
        assert row.overdue or not asked.overdue
        assert row.mine or not asked.mine
        assert row.overdue == (row.due is not None and row.due <= viewer.now)
    everybody = [row.case.case_id for row in rows_of(model, asked_of([("state", "all")]), viewer)]
    assert matching(model, everybody, asked, viewer) == {row.case.case_id for row in rows}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("page=0", "page: a number"),
        ("page=x", "page: a number"),
        ("mine=yes", "mine: write mine=1"),
        ("limit=1", "the queue has no parameter limit"),
        ("state=all,open", "state: 'all' is not one of"),
        ("mine=1&mine=1", "mine is there twice"),
        ("colour=red", "there is no parameter 'colour'"),
    ],
)
def test_what_cannot_be_asked_for_is_said(query: str, said: str) -> None:
    with pytest.raises(RequestRefused, match=said):
        asked_of(tuple(one.split("=")) for one in query.split("&"))  # type: ignore[misc] # pairs


def test_an_address_says_all_that_is_asked_for() -> None:
    asked = asked_of([("q", "ann & bob"), ("state", ""), ("page", "3"), ("mine", "1")])
    assert asked.address(page="4") == "/cases?q=ann+%26+bob&mine=1&page=4"
    assert asked.address(q="", mine="") == "/cases"
    assert asked_of([("state", "proposed,open,acknowledged")]).address() == "/cases"
