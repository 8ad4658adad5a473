"""Alerts of every pattern that looks across accounts are recomputed from events of all accounts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import Any, Final

import msgspec
import pytest
from msgspec import structs

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.facts.account import Verdict
from detectors.patterns import Patterns, SalePattern
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.explain.alert import explanation_of
from streams.explain.finding import FoundAlert, Source, find_alert
from streams.files.events import Block, Origin

REGISTRY: Final = Patterns()
ACROSS: Final = {
    name: pattern
    for name in REGISTRY.__struct_fields__
    if isinstance(pattern := getattr(REGISTRY, name), SalePattern) and pattern.key is not None
}
UNTIL: Final = datetime(2026, 1, 1, tzinfo=UTC)
OF_ONE: Final = ("account_id", "customer_id", "sale_id", "replaces_sale_id", "interaction_id")
CONTACTS: Final = ("email_hash", "phone_hash", "address_hash", "payer_hash")
BAD, GOOD = 12, 8
"""How often the agent sells badly, and each colleague well."""
APART: Final[dict[str, timedelta]] = {
    "period_end": timedelta(days=26),
    "off_hours": timedelta(days=1),
}
"""How far one example lies from the next, if not some hours: it is of a period, or of a day."""


@cache
def settings_of(name: str) -> Settings:
    """Return settings in which this pattern alone judges, and a few bad sales are an alert."""
    on: dict[str, Any] = {other: {"enabled": False} for other in ("quick_cancellation", "burst")}
    on |= {"unused_account": {"enabled": False}, name: {"enabled": True}}
    on[name] |= ACROSS[name].example_settings
    if name == "period_end":
        on[name]["begin_on"] = [date(2025, 4, 1) + n * APART[name] for n in range(BAD)]
    evidence = {"false_alarms_per_1000_agent_years": 3_000, "smallest_rate_ratio": 1.05}
    groups = {"site": False, "team": False}
    return read_settings({"patterns": on, "evidence": evidence, "groups": groups})


def told(
    example: Iterable[AnyEvent], number: int, agent: str, apart: timedelta
) -> list[dict[str, Any]]:
    """Return the events of an example as those of other customers, some time later."""
    events = []
    for event in example:
        fields = msgspec.to_builtins(event)
        for field in (*OF_ONE, *CONTACTS, "event_id"):
            if fields.get(field) is not None:
                fields[field] += f"-{agent}-{number}"
        for field in ("starts_at", "ends_at"):
            if field in fields:
                fields[field] = (getattr(event, field) + number * apart).isoformat()
        if fields.get("agent_id") is not None:
            fields["agent_id"] = agent if fields["agent_id"] == "agent-1" else "somebody"
        at = event.occurred_at + number * apart
        if at < UNTIL:
            events.append(fields | {"occurred_at": at.isoformat()})
    return events


@cache
def lines(name: str) -> tuple[bytes, ...]:
    """Return the events of an agent who sells badly, and of colleagues who do not."""
    by_verdict = {one.verdict: one.events for one in reversed(ACROSS[name].examples)}
    apart, bad = APART.get(name, timedelta(hours=7)), by_verdict[Verdict.BAD]
    events = [one for number in range(BAD) for one in told(bad, number, "anna", apart)]
    for agent in ("boris", "chen", "dora", "emil"):
        for number in range(GOOD):
            events += told(by_verdict[Verdict.GOOD], number, agent, apart)
    events.sort(key=lambda one: (one["occurred_at"], one["event_id"]))
    return tuple(msgspec.json.encode(one) for one in events)


def source(name: str, events: Iterable[bytes]) -> Source:
    block = Block(list(events), partial(Origin, "events.jsonl"))

    @contextmanager
    def blocks(_: str) -> Iterator[Iterator[Block]]:
        yield iter([block])

    return Source(settings_of(name), UNTIL, blocks)


@cache
def found(name: str) -> FoundAlert:
    pipeline, decode = Pipeline(settings_of(name)), EventDecoder(settings_of(name).limits).decode
    for line in lines(name):
        pipeline.apply(decode(line))
    pipeline.advance(seconds_at(UNTIL))
    alerts: list[Alert] = pipeline.alerts()
    [alert_id] = {one.alert_id for one in alerts if one.agent_id == "anna"}
    return find_alert(source(name, lines(name)), alert_id)


@pytest.mark.parametrize("name", ACROSS)
def test_what_the_events_give_agrees_and_another_figure_does_not(name: str) -> None:
    alert = found(name)
    assert alert.latest.pattern == name
    assert len(alert.latest.event_ids) > 1, "it names the sales beside each other"
    assert explanation_of(source(name, lines(name)), alert).agrees()
    *before, latest = alert.revisions
    evidence = evidence_of(latest, AgainstPeers)
    more = structs.replace(evidence, observed=evidence.observed + 1)
    tampered = FoundAlert(
        [*before, structs.replace(latest, evidence=more)], alert.watermark, alert.refused
    )
    assert not explanation_of(source(name, lines(name)), tampered).agrees()


@pytest.mark.parametrize("name", ACROSS)
def test_events_that_do_not_tell_what_it_looks_by_disagree(name: str) -> None:
    field = f'"{ACROSS[name].key}"'.encode()
    is_required = field in {b'"customer_id"', b'"agent_id"'}
    other = field + b':null,"not_told"' if is_required else b'"not_told"'
    without = [line.replace(field, other) for line in lines(name)]
    assert not explanation_of(source(name, without), found(name)).agrees()


@pytest.mark.parametrize("name", ["reopened"])
def test_events_without_the_cancellations_disagree(name: str) -> None:
    without = [line for line in lines(name) if b'"cancellation"' not in line]
    assert not explanation_of(source(name, without), found(name)).agrees()
