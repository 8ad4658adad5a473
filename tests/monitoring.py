"""The programs around Prometheus, as Debian packages them, that tests run."""

import os
import shutil

import pytest

from tests.brokers.selection import kafka_is_required

ALERTMANAGER_VARIABLE = "ABOVEBOARD_TEST_ALERTMANAGER"


def alertmanager_command() -> str:
    """Return the command of Alertmanager: a variable names one of another version than Debian's.

    Debian gives it a longer name than others do.
    """
    return os.environ.get(ALERTMANAGER_VARIABLE) or "prometheus-alertmanager"


def found(command: str, package: str) -> str:
    """Return the path of a program; skip the test where it is missing, fail it in CI."""
    path = shutil.which(command)
    if path is None:
        reason = f"{command} is not here; on Debian the package {package} brings it"
        if kafka_is_required():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def prometheus() -> str:
    """Return the path of Prometheus."""
    return found("prometheus", "prometheus")


@pytest.fixture(scope="session")
def amtool() -> str:
    """Return the path of the tool by which Alertmanager checks its files."""
    return found("amtool", "prometheus-alertmanager")


@pytest.fixture(scope="session")
def alertmanager_program() -> str:
    """Return the path of Alertmanager."""
    return found(alertmanager_command(), "prometheus-alertmanager")


@pytest.fixture(scope="session")
def jsonnet() -> str:
    """Return the path of the interpreter of mixins."""
    return found("jsonnet", "jsonnet")
