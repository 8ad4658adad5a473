"""What groups did, day by day, is added up when it is old, and is never lost before its time."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.causes.history import COARSE, FINE, REMEMBERED, History
from detectors.basis.event_time import Day
from detectors.messages.within import GroupDay

LAST: Final = 900
DAYS: Final = st.lists(st.integers(0, LAST), unique=True, min_size=1, max_size=60).map(sorted)


@settings(max_examples=20)
@given(days=DAYS, since=st.integers(0, LAST))
def test_since_a_day_there_is_all_that_came_and_little_more(days: list[int], since: int) -> None:
    history = History()
    for day in range(LAST + 1):
        told = {"site": GroupDay(day + 1, 0.5)} if day in days else {}
        history.add(Day(day), told)
    since = max(since, LAST - REMEMBERED + 1)
    least = sum(day + 1 for day in days if day >= since)
    reach = since if since > LAST - FINE + COARSE else since - COARSE
    most = sum(day + 1 for day in days if day >= reach)
    found = history.since("site", Day(since))
    assert least <= found.observed <= most
    assert history.since("another", Day(since)).observed == 0
    assert len(history.state.get("site", ())) <= FINE + COARSE + REMEMBERED // COARSE + 1
