"""Files and topics whose sources spell agents in many ways are judged as if they spelt in one."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from unicodedata import normalize

import msgspec
from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AgentId
from detectors.events.event import EVENT_TYPES, AccountMerged, AnyEvent, Sale
from detectors.group_settings import GroupSettings
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.settings import Settings, ShadowNull
from streams.files.detection import Detection
from streams.files.events import EventFiles
from streams.metrics.registry import Metrics
from streams.stages.actors.ledger_actor import LedgerActor
from streams.wire.dead_letter import DeadLetter
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.detectors.insider.acts import GUILTY, honest_log, with_act
from tests.detectors.worlds import Done, activity
from tests.streams.stages.actors.in_memory import Record

SPELT: Final = IdentitySettings(
    normalise=("trim", "nfc", "case"),
    nobody=("System",),
    merged={
        str(GUILTY): "G0 the second",
        "G0 the first": str(GUILTY),
        "Mun\u0303oz": "muñoz maria",
    },
)
"""Of two agents there are three ids, or two."""

FEW: Final = Settings(
    shadow_null=ShadowNull(enabled=False),
    groups=GroupSettings(site=False, team=False),
    profiles={},
)
"""Whatever takes time and is about something else is off."""

NAMES: Final = {"g1": "muñoz maria", "g2": None, GUILTY: "g0 the second"}
IDS: Final = {
    "muñoz maria": ("muñoz maria", "Muñoz"),
    "g0 the second": ("g0 the second", "g0 the first", str(GUILTY)),
}


def canonical() -> list[AnyEvent]:
    """Return a log in which each is spelt in one way, and some accounts are keyed by a seller."""
    done = Done("login", agent=NAMES[GUILTY])
    keyed = [activity(number / 10, f"keyed {number}", done=done) for number in range(20)]
    return [*keyed, *map(_named, with_act(None, honest_log()))]


def _named(event: AnyEvent) -> AnyEvent:
    if not isinstance(event, Sale):
        return event
    return _by(event, NAMES.get(event.agent_id or "", event.agent_id))


def _by(event: AnyEvent, agent: str | None) -> AnyEvent:
    return structs.replace(event, agent_id=None if agent is None else AgentId(agent))


def spelt(events: Iterable[AnyEvent]) -> Iterator[AnyEvent]:
    """Yield the events, their agents spelt as people spell."""
    for number, event in enumerate(events):
        known: str | None = None if isinstance(event, AccountMerged) else event.agent_id
        ids = IDS.get(known or "", (known,))
        agent = ids[number // 7 % len(ids)]
        ways = (
            ("System", "system", " SYSTEM")
            if agent is None
            else (agent, agent.upper(), f" {agent}", f"{agent} ", normalize("NFD", agent))
        )
        if agent is not None or (isinstance(event, Sale) and number % 2):
            yield _by(event, ways[number % len(ways)])
        else:
            yield event


def found(path: Path, events: Iterable[AnyEvent], settings: Settings) -> tuple[list[bytes], int]:
    """Return the alerts of a file, but for the settings they name, and how many agents it has."""
    path.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    detection = Detection(settings, None, _refuse)
    with EventFiles([str(path)], settings) as opened:
        alerts = [alert for some in detection.alerts(opened.blocks()) for alert in some]
    told = [msgspec.json.encode(structs.replace(one, config_hash="")) for one in alerts]
    return told, len(detection.sellers())


def _refuse(letter: DeadLetter) -> None:
    raise AssertionError(letter)


def test_a_file_is_judged_as_if_its_agents_were_spelt_in_one_way(tmp_path: Path) -> None:
    events = canonical()
    plain = found(tmp_path / "one.jsonl", events, FEW)
    assert plain[0]
    assert plain[1] == 11
    settings = structs.replace(FEW, identities=SPELT)
    assert found(tmp_path / "many.jsonl", spelt(events), settings) == plain


def emitted(events: Iterable[AnyEvent], identities: IdentitySettings) -> list[bytes]:
    """Return what the ledger of a worker emits for the events."""
    actor = LedgerActor(
        Settings(identities=identities),
        0,
        1,
        idle_after=1.0,
        until=seconds_at(canonical()[-1].occurred_at),
        metrics=Metrics(),
    )
    topics: dict[type, Topic] = {EVENT_TYPES[kind]: topic for topic, kind in EVENT_TOPICS.items()}
    for topic in EVENT_TOPICS:
        own = [event for event in events if topics[type(event)] == topic]
        records = [
            Record(offset, event.account_id.encode(), msgspec.json.encode(event))
            for offset, event in enumerate(own)
        ]
        actor.apply(topic, records)
    return [output.value or b"" for output in actor.outputs()]


def test_so_are_topics() -> None:
    events = canonical()
    many, one = list(spelt(events)), emitted(events, AS_THEY_STAND)
    assert emitted(many, SPELT) == one
    assert emitted(many, AS_THEY_STAND) != one
