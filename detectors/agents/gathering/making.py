"""Gatherings of what the settings ask for."""

from detectors.agents.gathering.gathering import Gathering
from detectors.agents.gathering.screen import Screen
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY
from detectors.patterns.reach import seen_for
from detectors.settings import Settings
from detectors.sight.resting import kinds_of


def gathering_for(settings: Settings, ledgers: int) -> Gathering:
    """Return a gathering of everything that these settings ask for."""
    return Gathering(
        [pattern.name for pattern in settings.patterns.on_sales()],
        ledgers,
        correctable_days(settings),
        burst=settings.patterns.bursts(),
        tenure=settings.peers.cell[-1:] == ("tenure",),
        screen=screen_for(settings),
    )


def screen_for(settings: Settings) -> Screen:
    """Return what leaves out outcomes that could not be seen."""
    windows = {p.name: seen_for(p) for p in settings.patterns.on_sales()}
    kept_days = correctable_days(settings)
    return Screen(kinds_of(settings), windows, settings.time.forgiven, kept_days)


def correctable_days(settings: Settings) -> int:
    """Return for how many days after it was judged an outcome may be corrected."""
    return int(seconds_of(settings.time.corrections_for) // DAY) + 2
