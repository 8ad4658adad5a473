"""Lets the faults of a schedule happen, and keeps account of those that did."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from msgspec import Struct

from tests.brokers.real_kafka import RealKafka
from tests.chaos.folders import StateFolder
from tests.chaos.life import WORKER
from tests.chaos.others.wrong_clock import DAYS, can_be_wrong
from tests.chaos.schedule import KILLS, Fault, Kind, Schedule
from tests.chaos.supervisor import Slot, Supervisor

WAIT_SECONDS: Final = 20.0
"""How long a fault waits for another one in the same place."""

AT_WORK_SECONDS: Final = 5.0
"""How long a fault waits for its worker to be at work."""

WRONG_CLOCK_SECONDS: Final = 45.0
"""How long a worker with a wrong clock may take to come to work: idle, it could do no harm."""


_SERVICES: Final = {
    Kind.KILL_KEEPER: "keeper",
    Kind.FREEZE_KEEPER: "keeper",
    Kind.KILL_NOTIFIER: "notifier",
    Kind.FREEZE_NOTIFIER: "notifier",
}
"""Who is meant by a fault, where that is no worker."""


class Happened(Struct, frozen=True):
    """A fault that was made: what, to whom (``worker 1``, ``broker``), from when to when."""

    kind: Kind
    at: float
    seconds: float
    target: str
    clock: float


class Faults:
    """Makes faults, several at once if their times overlap.

    Parameters
    ----------
    supervisor
        The workers.
    kafka
        The broker.
    folders
        The state folders of the workers that have one, by the number of the worker.
    intrude
        Writes records of another program into every topic.
    services
        What runs beside the workers: keepers and notifiers. What does not run has no faults.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        kafka: RealKafka,
        folders: dict[int, StateFolder],
        intrude: Callable[[], None],
        services: Mapping[str, Supervisor],
    ) -> None:
        self._supervisor: Final = supervisor
        self._kafka: Final = kafka
        self._folders: Final = folders
        self._intrude: Final = intrude
        self._services: Final = services
        self._busy: Final[set[str]] = set()
        self.happened: Final[list[Happened]] = []

    def play(self, schedule: Schedule, begun: float) -> None:
        """Make every fault at its time; return when the last one is over."""
        under_way: list[Future[None]] = []
        with ThreadPoolExecutor(8) as pool:
            for fault in schedule.faults:
                time.sleep(max(0.0, begun + fault.at - time.monotonic()))
                if fault.kind is Kind.WRONG_CLOCK and not can_be_wrong():
                    continue
                if _SERVICES.get(fault.kind, WORKER) in (WORKER, *self._services):
                    under_way.append(pool.submit(self._make, fault, begun))
        for future in under_way:
            future.result()

    def _make(self, fault: Fault, begun: float) -> None:
        target = self._target(fault)
        place = "broker" if target is None else target.name
        ends = time.monotonic() + WAIT_SECONDS
        while place in self._busy and time.monotonic() < ends:  # one fault in one place
            time.sleep(0.1)
        self._busy.add(place)
        if fault.at_work and target is not None and target.program == WORKER:
            target.wait_for_work(AT_WORK_SECONDS)
        at = time.monotonic() - begun
        clock = time.time()
        try:
            self._act(fault, target)
        finally:
            self._busy.discard(place)
        seconds = time.monotonic() - begun - at
        self.happened.append(Happened(fault.kind, at, seconds, place, clock))

    def _target(self, fault: Fault) -> Slot | None:
        """Return who is meant; a fault of the disk needs a worker that has a folder."""
        service = _SERVICES.get(fault.kind)
        slots = self._supervisor.slots if service is None else self._services[service].slots
        if fault.kind in (Kind.BROKER_STOP, Kind.BROKER_KILL, Kind.FOREIGN):
            return None
        if fault.kind is Kind.DISK_FULL:
            slots = [s for s in slots if s.number in self._folders][-1:]
        elif fault.kind is Kind.FOLDER_LOST:
            slots = [s for s in slots if s.number in self._folders][:1]
        free = [slot for slot in slots if slot.name not in self._busy]
        candidates = free if free and fault.kind in KILLS else slots
        return candidates[int(fault.chance * len(candidates))]

    def _act(self, fault: Fault, slot: Slot | None) -> None:
        if fault.kind is Kind.FOREIGN:
            self._intrude()
            return
        if slot is None:
            self._interrupt_broker(fault)
            return
        match fault.kind:
            case Kind.KILL | Kind.KILL_KEEPER | Kind.KILL_NOTIFIER:
                _insist(slot.kill_before_commit if fault.at_work else slot.kill)
            case Kind.RESTART:
                _insist(slot.restart)
            case Kind.SCALE_DOWN:
                slot.down()
                time.sleep(fault.seconds)
                slot.up()
            case Kind.WRONG_CLOCK:
                slot.set_clock(DAYS if fault.chance * 100 % 1 < 0.5 else -DAYS)
                _insist(slot.restart)
                slot.wait_for_wrong_clock(WRONG_CLOCK_SECONDS)
                time.sleep(fault.seconds)
                slot.set_clock(0)
                _insist(slot.restart)
            case Kind.FREEZE | Kind.FREEZE_KEEPER | Kind.FREEZE_NOTIFIER:
                _insist(lambda: slot.freeze(fault.seconds))
            case Kind.DISK_FULL | Kind.FOLDER_LOST:
                self._take_folder(fault, slot)
            case _:
                raise AssertionError(fault.kind)

    def _interrupt_broker(self, fault: Fault) -> None:
        with ExitStack() as stack:
            supervisors = (self._supervisor, *self._services.values())
            for slot in (slot for supervisor in supervisors for slot in supervisor.slots):
                stack.enter_context(slot.under("broker away"))
            if fault.kind is Kind.BROKER_STOP:
                self._kafka.stop()
            else:
                self._kafka.kill()
            time.sleep(fault.seconds)
            self._kafka.start()

    def _take_folder(self, fault: Fault, slot: Slot) -> None:
        folder = self._folders[slot.number]
        with slot.under("disk"):
            if fault.kind is Kind.DISK_FULL:
                folder.fill()
                time.sleep(fault.seconds)
                folder.empty()
            else:
                folder.lose()
                slot.kill()
                time.sleep(fault.seconds)
                folder.give_back()


def _insist(act: Callable[[], bool]) -> None:
    """Try until there is a worker to do it to; a fault that cannot be made is none."""
    ends = time.monotonic() + WAIT_SECONDS
    while not act():
        if time.monotonic() > ends:
            raise RuntimeError("there was no worker to do it to")
        time.sleep(0.1)
