"""Lays out a package as an installer does, so that Python finds it and its entry points."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path

import pytest

FAR_OFF = Path(__file__).with_name("far_off.py").read_text(encoding="utf-8")
"""The module of docs/detectors.md."""


def lay_out(folder: Path, package: str, module: str, points: Mapping[str, str]) -> None:
    """Write a package of one module, with entry points of detectors: a kind each, and its class."""
    (folder / f"{package}.py").write_text(module, encoding="utf-8")
    metadata = folder / f"{package}-1.2.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n", encoding="utf-8"
    )
    lines = "".join(f"{kind} = {package}:{config}\n" for kind, config in points.items())
    (metadata / "entry_points.txt").write_text(f"[aboveboard.detectors]\n{lines}", encoding="utf-8")


@contextmanager
def installed(folder: Path, package: str, module: str, points: Mapping[str, str]) -> Iterator[None]:
    """Let this process find the package until the end, and forget it then."""
    lay_out(folder, package, module, points)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        invalidate_caches()
        try:
            yield
        finally:
            sys.modules.pop(package, None)
