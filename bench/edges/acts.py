"""What an insider does who may write events, or has a keyboard: who is found, framed, counted."""

from typing import Final

from msgspec import Struct

from detectors.basis.event_time import seconds_at
from detectors.settings import Settings
from tests.detectors.insider.acts import ACTS, DAYS, GUILTY, TRACES, honest_log, with_act
from tests.detectors.insider.logs import LOG_TRACES, LOGS, Log
from tests.detectors.insider.verdicts import accused, said_of
from tests.detectors.worlds import at

AFTERWARDS: Final = 32
"""Days after which every window has passed."""

_TRACES: Final = {
    "agent_id": "contested agent_id",
    "reason": "contested reason",
    "cancelled_by_seller": "cancelled by the seller",
    "merged": "merged accounts",
}


class Done(Struct, frozen=True):
    """An act: whether the guilty were found, who was framed, how often what counted it."""

    act: str
    found: bool
    framed: list[str]
    trace: str
    count: int


def done_acts() -> list[Done]:
    """Do all of them, each upon a log of its own."""
    done = [
        _judged(name, Log(with_act(act, honest_log()), DAYS, frozenset({GUILTY})), trace_of(name))
        for name, act in ACTS.items()
    ]
    return done + [_judged(name, making(), LOG_TRACES[name]) for name, making in LOGS.items()]


def trace_of(act: str) -> str:
    """Return by what the summary counts an act."""
    return _TRACES[TRACES[act]]


def _judged(act: str, log: Log, trace: str) -> Done:
    said = said_of(log.events, Settings(), seconds_at(at(24 * (log.days + AFTERWARDS))))
    found = accused(said.alerts)
    return Done(
        act,
        bool(found & log.guilty),
        sorted(found - log.guilty),
        trace,
        said.traces.get(trace, 0),
    )
