"""`aboveboard detectors`: the kinds of detectors, and whether one of them keeps the laws."""

import argparse
import sys
from pathlib import Path
from typing import Final

from detectors.basis.errors import InvalidSettings, LawBroken
from detectors.basis.identifiers import PatternName
from detectors.conformance.catalogue import LAWS
from detectors.contract.detector import DetectorConfig
from detectors.profiles.kinds import kind_of
from detectors.profiles.numbers import NUMBERS
from streams.config.detector_kinds import InstalledKinds
from streams.files.settings import settings_from
from streams.printable import printable

DONE: Final = 0
BROKEN: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "--check",
        metavar="NAME",
        help="hold a detector to the laws of the contract: a kind as it is by default, or the "
        "detector of a profile of the settings",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")


def run(arguments: argparse.Namespace) -> int:
    """Print what is installed, or the laws that a detector keeps; return 1 if it breaks one.

    Raises
    ------
    AboveboardError, OSError
        If the settings cannot be used, or there is no such kind or profile.
    """
    if arguments.check is not None:
        return _check(_detector(arguments.check, arguments.config))
    return _list(arguments.config)


def _list(config: Path | None) -> int:
    kinds = InstalledKinds()
    code = DONE
    _line("Kinds of detectors, for `kind`:")
    for kind in kinds:
        try:
            summary = (kinds[kind].__doc__ or "").strip().partition("\n")[0]
        except InvalidSettings as error:
            summary, code = f"cannot be used: {error}", BROKEN
        _line(f"  {kind:16} {kinds.package(kind):20} {summary}")
    _line("\nDaily numbers of each agent, for `watches`:")
    for name, number in NUMBERS.items():
        _line(f"  {name:16} {number.described}")
    _line("\nProfiles of these settings:")
    for name, profile in settings_from(config).profiles.items():
        off = "" if profile.enabled else " (not enabled)"
        _line(f"  {name:16} `{profile.kind}` over `{profile.watches}`{off}")
    return code


def _detector(name: str, config: Path | None) -> DetectorConfig:
    """Return the detector of a profile of that name, or else of a kind.

    Raises
    ------
    InvalidSettings
        If there is neither, or the kind has a parameter without a default.
    """
    profiles = settings_from(config).profiles
    profile = profiles.get(PatternName(name))
    if profile is not None:
        return profile.detector
    kinds = InstalledKinds()
    if name not in kinds:
        raise InvalidSettings(
            f"{name!r} is neither a profile ({', '.join(profiles)}) nor a kind of detector "
            f"({', '.join(kinds)})"
        )
    try:
        return kinds[name]()
    except TypeError as error:
        raise InvalidSettings(
            f"the detector {name!r} cannot be made without parameters ({error}): name a profile "
            "that has them, with --config"
        ) from None


def _check(detector: DetectorConfig) -> int:
    _line(f"The detector `{kind_of(detector)}`, as {detector}:")
    code = DONE
    for name, law in LAWS.items():
        try:
            law(detector)
        except LawBroken as broken:
            code = BROKEN
            _line(f"  BROKEN  {name}: {broken.place}\n          remedy: {broken.remedy}")
        else:
            _line(f"  kept    {name}")
    return code


def _line(text: str) -> None:
    """Print one line, or more; what a package says of itself may hold anything."""
    sys.stdout.write("\n".join(map(printable, text.split("\n"))) + "\n")
    sys.stdout.flush()
