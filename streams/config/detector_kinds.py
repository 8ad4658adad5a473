"""Finds the kinds of detectors that installed packages bring, by their entry points."""

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from msgspec import Struct

from detectors.basis.errors import InvalidSettings
from detectors.contract.detector import DetectorConfig
from detectors.profiles.kinds import BUILT_IN_KINDS, kind_of, parameters_of
from detectors.profiles.reading import OWN_KEYS

GROUP: Final = "aboveboard.detectors"
"""The group of entry points: each is named as its kind, and gives the class of its config."""


class InstalledKinds(Mapping[str, type[DetectorConfig]]):
    """The kinds that are built in, and those that installed packages bring.

    The package of a kind is imported when the kind is asked for, and no sooner: what no setting
    names costs nothing and can break nothing.
    """

    def __init__(self) -> None:
        self._points: Final[dict[str, list[EntryPoint]]] = {}
        for point in entry_points(group=GROUP):
            self._points.setdefault(point.name, []).append(point)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all kinds, in their order."""
        return iter(sorted(BUILT_IN_KINDS.keys() | self._points.keys()))

    def __len__(self) -> int:
        """Count the kinds."""
        return len(BUILT_IN_KINDS.keys() | self._points.keys())

    def __getitem__(self, kind: str) -> type[DetectorConfig]:
        """Return the class of a kind's config.

        Raises
        ------
        KeyError
            If there is no such kind.
        InvalidSettings
            If it cannot be loaded or used, or several packages bring it.

        """
        points = self._points.get(kind, [])
        if kind not in BUILT_IN_KINDS and not points:
            raise KeyError(kind)
        brought = {point.value: point for point in points}
        if kind in BUILT_IN_KINDS:
            config = BUILT_IN_KINDS[kind]
            brought.pop(f"{config.__module__}:{config.__qualname__}", None)
            if not brought:
                return config
        if kind in BUILT_IN_KINDS or len(brought) > 1:
            packages = " and ".join(sorted({package_of(point) for point in points}))
            raise InvalidSettings(
                f"the detector {kind!r} is brought by {packages}: uninstall all but one"
            )
        return _loaded(points[0])

    def package(self, kind: str) -> str:
        """Return the name and the version of the package that brings a kind."""
        points = self._points.get(kind)
        return package_of(points[0]) if points else "aboveboard"


def package_of(point: EntryPoint) -> str:
    """Return the name and the version of the package that an entry point belongs to."""
    package = point.dist
    return "a package" if package is None else f"{package.name} {package.version}"


def _loaded(point: EntryPoint) -> type[DetectorConfig]:
    place = f"the detector {point.name!r} of {package_of(point)} ({point.value})"
    try:
        config = point.load()
    except Exception as error:  # whatever a package of somebody else raises when it is imported
        raise InvalidSettings(f"{place} cannot be loaded: {error!r}") from error
    fault = _fault(config, point.name)
    if fault:
        raise InvalidSettings(f"{place} {fault}; docs/detectors.md has the contract")
    found: type[DetectorConfig] = config
    return found


def _fault(config: object, name: str) -> str:
    """Return why an object is not the class of a config of that kind; empty if it is."""
    if not (isinstance(config, type) and issubclass(config, Struct)):
        return "is not a msgspec Struct"
    if not config.__struct_config__.frozen:
        return "is not frozen"
    if kind_of(config) != name:
        return f"has the tag {kind_of(config)!r}, not the name of its entry point"
    missing = [verb for verb in ("build", "claim") if not callable(getattr(config, verb, None))]
    if missing:
        return f"has no method `{missing[0]}`"
    taken = [key for key in OWN_KEYS if key in parameters_of(config)]
    if taken:
        return f"has a parameter `{taken[0]}`, which is a key of every profile"
    return ""
