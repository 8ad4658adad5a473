"""What a run of chaos says in the end: for people, and as JSON."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from tests.chaos.desk.desk import Figures
from tests.chaos.faults import Happened
from tests.chaos.recovery import Recovery, Spread


class Report(Struct, frozen=True, kw_only=True):
    """Everything about one run; it is green without ``failures``."""

    seed: int
    workers: int
    partitions: int
    stores: Sequence[str]
    disk: str
    records: int
    hostile: int
    ahead: int
    revisions: int
    outcomes: int
    dead_letters: int
    kills: int
    before_commit: int
    kills_of_services: int
    after_write: int
    under_wrong_clock: int
    desk: Figures
    committed: int
    aborted: int
    accidents: bool
    faults: Sequence[Happened]
    endings: Mapping[str, int]
    redelivered: int
    copies_given_up: int
    recovery: Recovery
    seconds_of_faults: float
    seconds_to_finish: float
    seconds: float
    failures: Sequence[str]

    def text(self) -> str:
        """Write it for people."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"chaos, seed {self.seed}"
        yield (
            f"  {self.records:,} records ({self.hostile} hostile, {self.ahead} stamped ahead; each "
            f"source stopped for hours) over {self.partitions} "
            f"partitions, {self.workers} workers ({', '.join(self.stores)})"
        )
        yield (
            f"  due: {self.revisions:,} revisions of alerts, {self.outcomes:,} outcomes, "
            f"{self.dead_letters} dead letters"
        )
        yield (
            f"  {len(self.faults)} faults, {self.kills} of them kills, "
            f"{self.before_commit} between state and commit; disk: {self.disk}"
        )
        yield (
            f"  {self.desk.keepers} keepers of cases and {self.desk.notifiers} notifiers, killed "
            f"{self.kills_of_services} times, {self.after_write} of them right after a write"
        )
        yield (
            f"  {self.desk.decisions} decisions, {self.desk.cases} cases; {self.desk.open} alerts "
            f"open in the end, {self.desk.quiet} of them silent, {self.desk.messages} messages, "
            f"{self.desk.failed} failed; up to date after {self.desk.seconds_to_settle} s"
        )
        yield f"  {self.under_wrong_clock} workers were at work under a clock that was wrong"
        yield (
            f"  batches in every codec; {self.committed} transactions committed and "
            f"{self.aborted} aborted, which overlapped"
        )
        if self.accidents:
            yield "  in the end retention overtook it, a topic was created again, partitions added"
        for fault in self.faults:
            lasted = f" for {fault.seconds:.1f} s" if fault.seconds >= 0.05 else ""
            yield f"    {fault.at:6.1f} s  {fault.target}: {fault.kind}{lasted}"
        yield f"  lives: {sum(self.endings.values())}, which ended:"
        for reason, count in sorted(self.endings.items()):
            yield f"    {count:4}  {reason}"
        yield f"  redelivered records that were skipped: at least {self.redelivered:,}"
        yield f"  local copies of the state given up, at no loss: {self.copies_given_up}"
        recovery = self.recovery
        yield f"  state read after an assignment: {_told(recovery.reading)}"
        yield f"  from the start of a process to its state: {_told(recovery.from_start)}"
        yield f"  from the start of a process to /readyz: {_told(recovery.ready)}"
        yield f"  from a kill to the next ledger at work: {_told(recovery.take_over)}"
        yield (
            f"  faults {self.seconds_of_faults} s, last worker {self.seconds_to_finish} s, "
            f"everything {self.seconds} s"
        )
        yield "GREEN: all is as `aboveboard detect` has it" if not self.failures else "RED:"
        for failure in self.failures:
            yield f"  {failure}"


def _told(spread: Spread) -> str:
    if not spread.count:
        return "not told"
    return f"median {spread.median} s, longest {spread.largest} s ({spread.count} times)"
