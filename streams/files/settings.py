"""The settings file: TOML on disk to the settings that decide what is alerted."""

import tomllib
from pathlib import Path

from detectors.basis.errors import InvalidSettings
from detectors.settings import Settings, read_settings
from streams.config.detector_kinds import InstalledKinds


def settings_from(path: Path | None) -> Settings:
    """Read the settings file at `path`; without a path give the defaults.

    Raises
    ------
    InvalidSettings
        If the file is not TOML or says something that cannot be obeyed; names file, key, remedy.
    OSError
        If the file cannot be read.
    """
    if path is None:
        return Settings()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return read_settings(table, InstalledKinds())
    except UnicodeDecodeError as error:
        raise InvalidSettings(f"{path}: {error}; save the file as UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"{path}: {error}; a settings file is written in TOML") from None
    except InvalidSettings as error:
        raise InvalidSettings(f"{path}: {error}") from None
