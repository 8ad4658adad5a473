"""An alert about sales that share a payer is recomputed from the events of all accounts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Final

import msgspec
import pytest

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import AgainstPeers
from streams.explain.alert import explanation_of
from streams.explain.finding import FoundAlert, Source, find_alert
from streams.files.events import Block, Origin
from tests.streams.stages.actors.small_stream import (
    SETTINGS,
    UNTIL,
    event_lines,
    expected_revisions,
)

PATTERN: Final = "shared_payer"


def source(lines: Iterable[bytes]) -> Source:
    block = Block(list(lines), partial(Origin, "events.jsonl"))

    @contextmanager
    def blocks(_: str) -> Iterator[Iterator[Block]]:
        yield iter([block])

    return Source(SETTINGS, UNTIL, blocks)


@cache
def found() -> FoundAlert:
    told = [msgspec.json.decode(value, type=Alert) for value in expected_revisions()]
    alert_id = min(one.alert_id for one in told if one.pattern == PATTERN)
    return find_alert(source(event_lines()), alert_id)


def test_what_the_events_of_all_accounts_give_agrees() -> None:
    assert explanation_of(source(event_lines()), found()).agrees()
    assert found().latest.event_ids, "it names the sales"


def test_another_figure_disagrees() -> None:
    *before, latest = found().revisions
    told = evidence_of(latest, AgainstPeers)
    more = msgspec.structs.replace(told, observed=told.observed + 1)
    tampered = msgspec.structs.replace(latest, evidence=more)
    changed = FoundAlert([*before, tampered], found().watermark, found().refused)
    assert not explanation_of(source(event_lines()), changed).agrees()


@pytest.mark.parametrize("field", [b"payer_hash", b"address_hash"])
def test_events_that_do_not_tell_who_paid_disagree(field: bytes) -> None:
    lines = (line.replace(b'"' + field, b'"no_' + field) for line in event_lines())
    assert not explanation_of(source(lines), found()).agrees()
