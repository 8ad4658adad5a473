"""What every test can have, and how Hypothesis works in all of them."""

import gc
from typing import Final

import pytest
from hypothesis import settings

from tests.alertmanager import alertmanager  # noqa: F401 - pytest finds fixtures by name here
from tests.brokers.fixtures import (  # noqa: F401 - pytest finds fixtures and hooks by name here
    any_broker,
    broker,
    broker_pool,
    pytest_terminal_summary,
    secured,
)
from tests.contract.node_packages import asyncapi_parser, login_provider, node_subscriber  # noqa: F401 - as above
from tests.monitoring import (  # noqa: F401 - as above
    alertmanager_program,
    amtool,
    jsonnet,
    prometheus,
)
from tests.postgresql import postgresql  # noqa: F401 - as above
from tests.promtool import promtool  # noqa: F401 - as above
from tests.turns import in_turns

# Compiling the evidence kernel, and a busy machine, are no failures. An example of a law of the
# whole is a run of some weeks, so there are fewer of them than usual. It stands here and not in a
# folder below: there, what else was collected would decide whom it reaches. One failure is told at
# a time: where a broken implementation fails in two ways, Hypothesis would raise a group of errors
# now and then, and the test that expects it to fail by an assertion would fail with it.
PATIENT: Final = settings(deadline=None, max_examples=10, report_multiple_bugs=False)
settings.register_profile("patient", PATIENT)
settings.register_profile("thorough", PATIENT, max_examples=300)
settings.load_profile("patient")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files of tests run in turns; pytest has brought the tests of a broker together."""
    by_file: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(item.nodeid.partition("::")[0], []).append(item)
    items[:] = [item for file in in_turns(list(by_file)) for item in by_file[file]]


def pytest_collection_finish() -> None:
    """Let no collection of garbage look at what was imported, half a million objects."""
    gc.freeze()
