"""An open alert about a profile, and when a new revision of it is due."""

from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.profiles.series_table import Strange


class OpenProfileAlert(Struct):
    """An alert that is open.

    Attributes
    ----------
    opened_on, seen_on
        The first and the latest day that was found strange.
    since
        The day since which the values are strange: as the detector sees it, or else the first.
    days
        Days with a value since then if the detector sees when it was, or else the strange ones.
    change, score, remark
        Of the latest strange day; see `Strange`.
    emitted_days
        What ``days`` was in the latest revision.
    revision
        Of the latest; 0 before the first.

    """

    opened_on: Day
    seen_on: Day
    since: Day
    days: int = 0
    change: float | None = None
    score: float = 0.0
    remark: str = ""
    emitted_days: int = 0
    revision: int = 0

    def see(self, day: Day, strange: Strange) -> None:
        """Receive what was found on a day."""
        if strange.since is None:
            self.days += 1
        else:
            self.days, self.emitted_days = strange.days or 0, 0
            self.since = strange.since
        self.seen_on = day
        self.change, self.score, self.remark = strange.change, strange.score, strange.remark

    def is_due(self, day: Day) -> bool:
        """Return whether the finding of `day` is due in a revision.

        A change of level always is: it is another one. Of a detector that finds one day after the
        other strange the first is, and then as many again as were emitted last.
        """
        return self.seen_on == day and self.days >= max(1, 2 * self.emitted_days)

    def is_over(self, day: Day, resolve_after_days: float) -> bool:
        """Return whether nothing was found for so long that the alert is to be resolved."""
        return day > self.seen_on and day - self.seen_on >= resolve_after_days

    def mark_emitted(self) -> None:
        """Count a revision."""
        self.revision += 1
        self.emitted_days = self.days
