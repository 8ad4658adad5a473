"""Settings files: TOML of any kind gives settings that can be obeyed, or a sentence."""

import tomllib
from random import Random
from typing import Final

from detectors.basis.errors import InvalidSettings
from detectors.settings import read_settings
from tests.fuzz.mutation import of_bytes
from tests.fuzz.target import Target

_ODD_LINES: Final = (
    b"[patterns.unused_account]",
    b'[profiles.mine]\nkind = "shift"\nwatches = "sales"',
    b"enabled = false",
    b'window = "0d"',
    b'window = "36500d"',
    b"window = 7",
    b'allowed_lateness = "1h"',
    b"seed = -1",
    b"seed = 99999999999999999999",
    b"false_discovery_rate = nan",
    b"false_discovery_rate = 1e-320",
    b"smallest_rate_ratio = inf",
    b'cell = ["tenure", "product"]',
    b"earliest_event = 2000-01-01T00:00:00Z",
    b"earliest_event = 2000-01-01",
    b"x = [[[[[[]]]]]]",
)


def run(data: bytes) -> None:
    """Read a settings file; what is accepted has a hash and gives every duration."""
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return
    try:
        settings = read_settings(table)
    except InvalidSettings:
        return
    assert len(settings.config_hash) == 16
    assert settings.effective()


def _mutate(data: bytes, chance: Random) -> bytes:
    lines = data.split(b"\n")
    place = chance.randrange(len(lines) + 1)
    match chance.randrange(4):
        case 0:
            return of_bytes(data, chance)
        case 1:
            lines.insert(place, chance.choice(_ODD_LINES))
        case 2:
            del lines[place : place + 1]
        case _:
            lines[place : place + 1] = [of_bytes(b"".join(lines[place : place + 1]), chance)]
    return b"\n".join(lines)


TARGET: Final = Target("settings", run, _mutate)
