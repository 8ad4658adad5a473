"""The Pythons that we name are the same everywhere, and the locked packages are made for them."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from tools.install_uv import LOCK

ROOT = LOCK.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ANOTHER_PYTHON = """#!/bin/sh
exec {} -c "import sys; sys.version_info = ({}); $2"
"""
"""A Python that takes itself for another version; make gives it `-c` and its question."""


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_project_names_these_pythons() -> None:
    told = project()["project"]
    assert told["requires-python"] == ">=3.11,<3.15"
    found = re.findall(r"Python :: (\d\.\d+)", "\n".join(told["classifiers"]))
    assert tuple(found) == PYTHONS


def test_every_python_has_a_first_pip() -> None:
    first = " ".join(project()["dependency-groups"]["first-pip"])
    assert tuple(re.findall(r"python_version == '([\d.]+)'", first)) == PYTHONS


def test_uv_builds_the_project_itself() -> None:
    # with another range uv would ask the index for uv_build, and take the newest
    told = project()
    (build,) = told["build-system"]["requires"]
    (uv,) = told["dependency-groups"]["uv"]
    assert build.removeprefix("uv_build") == uv.removeprefix("uv")


@pytest.mark.parametrize("version", PYTHONS)
def test_every_locked_package_has_a_wheel(version: str) -> None:
    minor = int(version.partition(".")[2])
    platforms = [
        "manylinux1_x86_64",
        "manylinux2014_x86_64",
        *(f"manylinux_2_{n}_x86_64" for n in range(5, 37)),
    ]
    tags = {
        *cpython_tags((3, minor), platforms=platforms),
        *compatible_tags((3, minor), interpreter=f"cp3{minor}", platforms=platforms),
    }
    without = {
        package["name"]
        for package in tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
        if is_for(version, package) and not tags & tags_of(package)
    }
    # the project itself; and one engine, of which pyproject.toml says so
    assert without == {"aboveboard"} | ({"bytewax"} if minor >= 13 else set())


def is_for(version: str, package: dict[str, Any]) -> bool:
    """Whether a Python may get this package, of which there can be several versions."""
    markers = package.get("resolution-markers", ["python_version > '3'"])
    environment = {"python_full_version": f"{version}.0", "python_version": version}
    return any(Marker(marker).evaluate(environment) for marker in markers)


def tags_of(package: dict[str, Any]) -> set[Tag]:
    names = [wheel["url"].rpartition("/")[2] for wheel in package.get("wheels", [])]
    return {tag for name in names for tag in parse_wheel_filename(name)[3]}


@pytest.mark.parametrize(
    ("version", "target", "known"),
    [
        ("3.10", "install", "3.11 to 3.14"),
        ("3.15", "install", "3.11 to 3.14"),
        ("4.11", "test", "3.11 to 3.14"),
        ("3.13", ".venv-engines/.installed", "3.11 to 3.12"),
    ],
)
def test_another_python_is_refused_with_the_remedy(
    version: str, target: str, known: str, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(ANOTHER_PYTHON.format(sys.executable, version.replace(".", ", ")))
    python.chmod(0o755)
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "install_uv.py", tmp_path / "tools")
    (tmp_path / ".uv").mkdir()
    if known.endswith("12"):
        (tmp_path / ".uv" / "uv").touch()  # there already: the Python is good for all the rest
    refused = subprocess.run(
        ["make", "--directory", tmp_path, target, f"PYTHON={python}"],  # noqa: S607 - as found
        capture_output=True,
        check=False,
        text=True,
    )
    sentence = f"Python {known} is needed, and {python} is not; name one that is: make PYTHON="
    assert sentence in refused.stderr
    assert refused.returncode
