"""The uv that installs everything else is the locked one, or there is none."""

import hashlib
import io
import stat
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools.install_uv import (
    LOCK,
    CannotInstallError,
    Release,
    Wheel,
    fetch,
    fitting,
    install,
    main,
    read_lock,
)

NAMES = [
    "uv-1-py3-none-linux_armv6l.whl",
    "uv-1-py3-none-macosx_10_12_x86_64.whl",
    "uv-1-py3-none-macosx_11_0_arm64.whl",
    "uv-1-py3-none-manylinux_2_28_aarch64.whl",
    "uv-1-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
    "uv-1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "uv-1-py3-none-musllinux_1_1_x86_64.whl",
    "uv-1-py3-none-win_amd64.whl",
]
RELEASE = Release("1", tuple(Wheel(f"https://index.example/{name}", "") for name in NAMES))


@pytest.mark.parametrize(
    ("kind", "machine", "place"),
    [
        ("macosx", "x86_64", 1),
        ("macosx", "arm64", 2),
        ("manylinux", "aarch64", 4),
        ("musllinux", "aarch64", 4),
        ("manylinux", "x86_64", 5),
        ("musllinux", "x86_64", 6),
    ],
)
def test_a_machine_gets_its_wheel(kind: str, machine: str, place: int) -> None:
    assert fitting(RELEASE, kind, machine).name == NAMES[place]


def test_a_machine_without_a_wheel_is_refused() -> None:
    with pytest.raises(CannotInstallError, match=r"uv 1 has no wheel for manylinux on sparc64\."):
        fitting(RELEASE, "manylinux", "sparc64")


def test_the_lock_has_uv_for_the_usual_machines() -> None:
    release = read_lock(LOCK)
    for kind, machine in [
        *(("manylinux", machine) for machine in ("x86_64", "aarch64")),
        *(("musllinux", machine) for machine in ("x86_64", "aarch64")),
        *(("macosx", machine) for machine in ("x86_64", "arm64")),
    ]:
        assert fitting(release, kind, machine).hash.startswith("sha256:")


def lock_of(tmp_path: Path, content: bytes, digest: str | None = None) -> Path:
    """Write a lock with one wheel that fits every machine that tests run on."""
    tags = [f"{kind}_1_1_{machine}" for kind in KINDS for machine in ("x86_64", "aarch64", "arm64")]
    wheel = tmp_path / f"uv-1-py3-none-{'.'.join(tags)}.whl"
    wheel.write_bytes(content)
    lock = tmp_path / "uv.lock"
    digest = digest or hashlib.sha256(content).hexdigest()
    lock.write_text(
        '[[package]]\nname = "uv"\nversion = "1"\n'
        f'wheels = [{{ url = "{wheel.as_uri()}", hash = "sha256:{digest}" }}]\n',
        encoding="utf-8",
    )
    return lock


KINDS = ("manylinux", "musllinux", "macosx")


def a_wheel() -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for command in ("uv", "uvx"):
            archive.writestr(f"uv-1.data/scripts/{command}", f"I am {command}")
    return content.getvalue()


@pytest.fixture
def without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(name: str) -> None:
        assert name == "pip"

    monkeypatch.setattr("importlib.util.find_spec", find_nothing)


@pytest.mark.usefixtures("without_pip")
def test_without_pip_the_file_comes_from_where_the_lock_says(tmp_path: Path) -> None:
    install(lock_of(tmp_path, a_wheel()), tmp_path / "uv")
    for command in ("uv", "uvx"):
        path = tmp_path / "uv" / command
        assert path.read_text(encoding="utf-8") == f"I am {command}"
        assert path.stat().st_mode & stat.S_IXUSR


@pytest.mark.usefixtures("without_pip")
def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, a_wheel())
    install(lock, tmp_path / "uv")
    for wheel in tmp_path.glob("*.whl"):
        wheel.unlink()
    install(lock, tmp_path / "uv")


@pytest.mark.usefixtures("without_pip")
def test_a_file_of_an_earlier_version_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "uv"
    folder.mkdir()
    (folder / "uv-0-py3-none-any.whl").write_bytes(a_wheel())
    install(lock_of(tmp_path, a_wheel()), folder)
    (wheel,) = folder.glob("*.whl")
    assert wheel.name.startswith("uv-1-")


@pytest.mark.usefixtures("without_pip")
def test_another_file_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, a_wheel(), digest="0" * 64)
    with pytest.raises(CannotInstallError, match="another hash"):
        fetch(read_lock(lock), tmp_path)


@pytest.mark.usefixtures("without_pip")
def test_a_file_that_cannot_be_read_is_named_with_the_remedy(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, a_wheel())
    for wheel in tmp_path.glob("*.whl"):
        wheel.unlink()
    with pytest.raises(CannotInstallError, match=r"cannot be read.*python3-pip"):
        fetch(read_lock(lock), tmp_path)


@pytest.mark.parametrize("lock", ["<<<<<<< ours\n", '[[package]]\nname = "rich"\n'])
def test_a_lock_that_names_no_uv_is_refused(
    lock: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], use_lock: Callable[[Path], None]
) -> None:
    path = tmp_path / "uv.lock"
    path.write_text(lock, encoding="utf-8")
    use_lock(path)
    assert main([str(tmp_path / "uv")]) == 1
    assert "uv.lock names no uv" in capsys.readouterr().err


@pytest.fixture
def use_lock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    return lambda path: monkeypatch.setattr("tools.install_uv.LOCK", path)


def test_bad_usage_shows_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Usage: ``python tools/install_uv.py FOLDER``" in capsys.readouterr().err
