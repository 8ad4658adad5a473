"""`make install` gives what was locked, though the index has a newer release of everything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.machine import Machine, Tools
from tests.install.newer_index import NewerIndex
from tools.install_uv import LOCK

SYNC = "$(UV) sync --quiet --frozen --python $(EXECUTABLE)\n"


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    return Tools(tmp_path_factory.mktemp("uv"))


@pytest.fixture
def index(tools: Tools) -> Iterator[NewerIndex]:
    with NewerIndex(LOCK, tools.folder) as served:
        yield served


@pytest.fixture
def machine(tmp_path: Path, tools: Tools, index: NewerIndex) -> Machine:
    return Machine(tmp_path, tools, index)


def test_the_first_pip_of_a_python_installs_what_was_locked(
    machine: Machine, index: NewerIndex
) -> None:
    machine.provide_python(with_pip=True)
    machine.make("install")
    assert machine.unlocked() == []
    assert machine.aboveboard("--version").startswith("aboveboard ")
    assert index.asked == {"uv"}
    assert "Nothing to be done" in machine.make("install")


def test_a_python_without_pip_installs_what_was_locked(machine: Machine, index: NewerIndex) -> None:
    machine.provide_python(with_pip=False)
    machine.make("install")
    assert machine.unlocked() == []
    assert machine.aboveboard("--version").startswith("aboveboard ")
    assert index.asked == set()


def test_a_set_up_that_asks_the_index_is_caught(machine: Machine, index: NewerIndex) -> None:
    ask = "$(UV) venv --quiet $(ENVIRONMENT) && $(UV) pip install --quiet rich\n"
    machine.edit("Makefile", SYNC, ask)
    machine.provide_python(with_pip=False)
    machine.make("install")
    (found,) = machine.unlocked()
    assert found.startswith("rich ")
    assert index.asked == {"rich"}
