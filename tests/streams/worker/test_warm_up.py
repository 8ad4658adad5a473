"""A worker compiles its kernels before it joins, under any settings that it may be given."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Final

import pytest

from detectors.limit_settings import Limits
from detectors.settings import Settings
from streams.worker.warm_up import warm_up

_CHANGES_THE_SPREAD: Final = """
from detectors.evidence.recursion import settle
from detectors.settings import Settings
from streams.worker.warm_up import warm_up
warm_up(Settings())
assert settle.signatures
"""


def test_what_is_needed_only_after_months_is_compiled_as_well() -> None:
    subprocess.run([sys.executable, "-c", _CHANGES_THE_SPREAD], check=True)


@pytest.mark.parametrize("last_day", [2, 100], ids=["limits of a day", "limits of a season"])
def test_it_stays_within_the_limits_of_the_settings(last_day: int) -> None:
    latest = datetime.fromordinal(datetime(2025, 1, 1, tzinfo=UTC).toordinal() + last_day)
    limits = Limits(
        earliest_event=datetime(2025, 1, 1, tzinfo=UTC), latest_event=latest.replace(tzinfo=UTC)
    )
    warm_up(Settings(limits=limits))
