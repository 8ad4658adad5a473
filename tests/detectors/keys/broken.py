"""Ledgers of keys that are wrong, each in one way."""

from collections.abc import Iterable, Sequence

from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.facts.mention import Mention
from detectors.facts.traffic.touch import Touch
from detectors.keys.group import Group, Shared, Span
from detectors.keys.groups_in_time import Key
from detectors.keys.stage import Keys
from detectors.messages.mentions import MentionBundle
from detectors.settings import Settings


class BelievesTheFirstLedger(Keys):
    """Waits for nobody."""

    def receive(self, bundle: MentionBundle) -> None:
        super().receive(bundle)
        self._proceed(max(self._progress.watermarks))


class BelievesWhatWasTakenBack(Keys):
    """Forgets which mentions are void."""

    def _take(self, mentions: Sequence[Mention], touches: Sequence[Touch], now: Seconds) -> None:
        super()._take(mentions, touches, now)
        for shared in _all(self):
            shared.void = ()


class NeverCorrects(Keys):
    """Lets stand what was said, whatever comes late."""

    def _settle_again(
        self, key: Key, spans: Sequence[Span], now: Seconds, asking: Iterable[tuple[int, float]]
    ) -> None:
        del key, spans, now, asking


class TakesNothingBack(Keys):
    """Knows no void mentions."""

    def _take(self, mentions: Sequence[Mention], touches: Sequence[Touch], now: Seconds) -> None:
        super()._take([one for one in mentions if not one.void], touches, now)


class ForgetsTooEarly(Keys):
    """Forgets a sale with the end of its window."""

    def _plan(self, key: Key, shared: Shared) -> None:
        self._remembered_for = max(self._settlement.windows)  # type: ignore[misc]  # a fault
        super()._plan(key, shared)


class WaitsForTheWindow(Keys):
    """Judges every sale at the end of its window, though some are due before."""

    def __init__(self, settings: Settings, partition: int = 0, ledgers: int = 1) -> None:
        super().__init__(settings, partition, ledgers)
        windows = self._settlement.windows
        self._settlement.due_at = lambda index, at: Seconds(  # type: ignore[method-assign] # a fault
            at + windows[index]
        )


class HearsOfNoCancellation(Keys):
    """Takes every sale for one that stands."""

    def _take(self, mentions: Sequence[Mention], touches: Sequence[Touch], now: Seconds) -> None:
        super()._take([structs.replace(one, cancellations=()) for one in mentions], touches, now)


class SavesNoCancellation(Keys):
    """Forgets with every restart what was cancelled."""

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot)
        for key, group in self._groups.items():
            forgetful = [structs.replace(one, cancellations=()) for one in group]
            self._groups[key] = Group(forgetful, group.touches)


class SavesNoVerdict(Keys):
    """Forgets with every restart what it has said."""

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot)
        for shared in _all(self):
            shared.sale.verdicts = 0


def _all(keys: Keys) -> Iterable[Shared]:
    return [shared for group in keys._groups.values() for shared in group]  # noqa: SLF001 - a fault
