"""Waits until a decision that was stored comes back in its case, and says what became of it."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from detectors.cases.case import Case, Entry
from streams.desk.model.read_model import ReadModel, read_case

PATIENCE_SECONDS: Final = 2.0

_LOOK_SECONDS: Final = 0.04


def entry_of(case: Case, decision_id: str) -> Entry | None:
    """Return what became of a decision: its first entry, as repeats never count."""
    return next((entry for entry in case.history if entry.decision_id == decision_id), None)


async def judged(model: ReadModel, stored: Mapping[str, str]) -> dict[str, Entry]:
    """Return what became of decisions, by case; those that nobody has judged yet are left out.

    Parameters
    ----------
    model
        Where cases come in.
    stored
        The id of the decision about each case.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    found: dict[str, Entry] = {}
    while True:
        for case_id, decision_id in stored.items():
            entry = None if case_id in found else _look(model, case_id, decision_id)
            if entry is not None:
                found[case_id] = entry
        if len(found) == len(stored) or time.monotonic() > until:
            return found
        await asyncio.sleep(_LOOK_SECONDS)


def _look(model: ReadModel, case_id: str, decision_id: str) -> Entry | None:
    # Most looks find nothing: they read no JSON.
    for (record,) in model.ask(
        "SELECT record FROM cases WHERE case_id = ? AND instr(record, ?)",
        (case_id, decision_id.encode()),
    ):
        return entry_of(read_case(record), decision_id)
    return None
