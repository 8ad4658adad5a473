"""Write examples/articles/: for each practice that the articles warn of, events that show it.

Beside each file stands its honest twin: the same agents and sales, with the honest explanations
that the patterns know. All is made of the examples in the files of the patterns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from detectors.basis.identifiers import AgentId
from detectors.events.event import AccountActivity, AnyEvent, Sale
from detectors.facts.account import Verdict
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.example import PatternExample
from tools.patterns.articles import WARNED_OF, Warned

FOLDER: Final = Path("examples/articles")

SUSPECTS: Final = ("anna", "boris", "carla")
"""Of each pattern of a practice one."""

HONEST_AGENTS: Final = 5
SALES: Final = 12
"""Of each agent, one every day."""

SALES_OF_A_BURST: Final = 5
DAYS_BETWEEN_BURSTS: Final = 11

DAYS_BEFORE_USE: Final = 8
DAYS_OF_USE: Final = 34
"""Around the use of an example, its account is used every day: else nobody could see that others
are not."""

UNTIL: Final = "2025-06-15T00:00:00Z"
"""By then every window has passed."""

SITES: Final = 5
AGENTS_OF_A_SITE: Final = 3

_SELLER: Final = AgentId("agent-1")
"""Of every example in the files of the patterns."""

_DEFAULT: Final = {"schema_version": 1}

_OWN: Final = {"account_id": "a", "sale_id": "s", "customer_id": "c"}
"""Fields that tell one sale from another, each with the first letter of its ids."""


class Block(NamedTuple):
    """Sales of an agent, each after one of some examples in turn; so many at once, days apart."""

    agent_id: str
    examples: Sequence[PatternExample]
    at_once: int = 1
    days_apart: int = 1
    site: str | None = None


def files(warned: Warned) -> Mapping[str, str]:
    """Return the files of a practice: its events, those of its twin, and the settings of both."""
    return {
        f"{warned.example}.jsonl": "".join(_lines(_blocks(warned, bad=True))),
        f"{warned.example}-honest.jsonl": "".join(_lines(_blocks(warned, bad=False))),
        f"{warned.example}.toml": "".join(_settings(warned)),
    }


def _blocks(warned: Warned, *, bad: bool) -> Iterator[Block]:
    for suspect_id, name in zip(SUSPECTS, warned.patterns, strict=False):
        pattern = _with_examples(name)
        good = _those(pattern, Verdict.GOOD)[:1]
        honest = [*_those(pattern, Verdict.EXCLUDED), *_those(pattern, Verdict.GOOD)]
        suspect = _those(pattern, Verdict.BAD)[:1] if bad else honest
        if warned.of_a_site:
            for site in range(SITES):
                for number in range(AGENTS_OF_A_SITE):
                    sold = suspect if site == 0 else good
                    yield Block(f"{site}{number}", sold, site=f"site-{site}")
            continue
        for number in range(HONEST_AGENTS):
            yield Block(f"{suspect_id[0]}{number}", good)
        rhythm = (SALES_OF_A_BURST, DAYS_BETWEEN_BURSTS) if name == "burst" else (1, 1)
        yield Block(suspect_id, suspect, *rhythm)


def _with_examples(name: str) -> SalePattern:
    registry = Patterns()
    chosen = getattr(registry, name)
    return chosen if isinstance(chosen, SalePattern) else registry.quick_cancellation


def _those(pattern: SalePattern, verdict: Verdict) -> list[PatternExample]:
    """Return the examples of one sale by a person that are judged so."""
    return [
        one for one in pattern.examples if one.verdict is verdict and _sellers(one) == [_SELLER]
    ]


def _sellers(example: PatternExample) -> list[AgentId | None]:
    return [one.agent_id for one in example.events if isinstance(one, Sale)]


def _lines(blocks: Iterable[Block]) -> Iterator[str]:
    """Return the lines of a file, in the order of time."""
    told = [fields for block in blocks for fields in _told(block)]
    told.sort(key=lambda fields: (fields["occurred_at"], fields["event_id"]))
    yield from (f"{msgspec.json.encode(fields).decode()}\n" for fields in told)


def _told(block: Block) -> Iterator[dict[str, Any]]:
    """Yield the fields of the events of a block, each with an id of its own."""
    for number in range(SALES * block.at_once):
        example = block.examples[number % len(block.examples)]
        day = number // block.at_once * block.days_apart
        events = [_later(event, day) for event in example.events]
        last = events[-1]
        if number == 0 and isinstance(last, AccountActivity) and last.kind == "usage":
            use = range(-DAYS_BEFORE_USE, DAYS_OF_USE)
            events += [_later(last, more) for more in use if more]
        for place, event in enumerate(events):
            own = f"{block.agent_id}-{number}"
            yield _fields(event, block, own) | {"event_id": f"{own}-{place}"}


def _later(event: AnyEvent, days: int) -> AnyEvent:
    moved = event.occurred_at + timedelta(days=days)
    return msgspec.structs.replace(event, occurred_at=moved)


def _fields(event: AnyEvent, block: Block, own: str) -> dict[str, Any]:
    """Return what an event says, as one about a sale that has its `own` ids."""
    fields = {
        name: value
        for name, value in msgspec.to_builtins(event).items()
        if value is not None and _DEFAULT.get(name) != value
    }
    for name, letter in _OWN.items():
        if name in fields:
            fields[name] = f"{letter}{fields[name].rpartition('-')[2]}-{own}"
    for name in ("agent_id", "verifier_id"):
        if fields.get(name) == _SELLER:
            fields[name] = block.agent_id
    if block.site is not None and isinstance(event, Sale):
        fields["site"] = block.site
    return fields


def _settings(warned: Warned) -> Iterator[str]:
    chosen = set(warned.patterns)
    if "burst" in chosen:
        chosen.add("quick_cancellation")
    path = FOLDER / warned.example
    yield f"# {warned.practice}.\n#\n#   aboveboard detect {path}.jsonl \\\n"
    yield f"#     --config {path}.toml --until {UNTIL}\n"
    registry = Patterns()
    for name in registry.__struct_fields__:
        if getattr(registry, name).enabled is not (name in chosen):
            yield f"\n[patterns.{name}]\nenabled = {str(name in chosen).lower()}\n"
            if name == "no_consent":
                yield 'channels = ["phone"]\n'


def write_examples() -> None:
    """Write all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for warned in WARNED_OF:
        for name, text in files(warned).items():
            (FOLDER / name).write_text(text, encoding="utf-8")
