"""The settings file: what it says is obeyed, or refused with its name, the key and the remedy."""

from pathlib import Path

import pytest

from detectors.basis.errors import InvalidSettings
from detectors.settings import Settings
from streams.files.settings import settings_from


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_bytes(text.encode("latin-1"))
    return path


def test_without_a_file_the_defaults_hold() -> None:
    assert settings_from(None) == Settings()


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert settings_from(written(tmp_path, "")) == Settings()


def test_what_the_file_says_holds(tmp_path: Path) -> None:
    settings = settings_from(
        written(tmp_path, '[time]\nallowed_lateness = "2h"\n[peers]\ncell = ["product", "site"]\n')
    )
    assert settings.time.allowed_lateness == "2h"
    assert settings.peers.cell == ("product", "site")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[tyme]\n", "`tyme` is not a setting; the nearest known name is `time`"),
        (
            '[patterns.quick_cancellation]\nwindw = "10d"\n',
            "`patterns.quick_cancellation.windw` is not a setting; the nearest known name is `patt",
        ),
        ('[time]\nallowed_lateness = "soon"\n', "time.allowed_lateness"),
        ("[evidence]\nfalse_discovery_rate = 2\n", "evidence.false_discovery_rate"),
        ("[time\n", "written in TOML"),
        ("# caf\xe9\n", "UTF-8"),
    ],
)
def test_what_cannot_be_obeyed_is_explained(text: str, complaint: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InvalidSettings) as refusal:
        settings_from(path)
    assert complaint in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}: ")
