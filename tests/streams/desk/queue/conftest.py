"""A desk whose cases are kept, and a reviewer who works at it."""

from collections.abc import Iterator

import pytest

from tests.streams.desk.queue.kept_desk import KeptDesk, Somebody


@pytest.fixture
def desk() -> Iterator[KeptDesk]:
    with KeptDesk() as found:
        yield found


@pytest.fixture
def ann(desk: KeptDesk) -> Somebody:
    return Somebody(desk, "ann.lee@bank.example", "reviewer")
