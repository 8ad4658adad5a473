"""Write docs/patterns.md: every pattern from its own file, and how to add one.

And examples/articles/, in which each practice of the articles is seen.

Run it as ``python -m tools.patterns``, or by ``make patterns``.
"""

import inspect
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from detectors.events.event import Access, Agent, AnyEvent, Interaction, RosteredHours, Sale
from detectors.facts.asked.acts import Acts
from detectors.facts.asked.hours import Hours
from detectors.facts.asked.own_contacts import OwnContacts
from detectors.facts.asked.traffic import Traffic
from detectors.facts.contact import AGENT
from detectors.facts.questions import (
    AnyQuestion,
    SaleNumber,
    SaleValue,
    Sharing,
    Uses,
    traffic_asked,
)
from detectors.patterns import BurstPattern, Patterns, SalePattern
from detectors.patterns.account import burst
from detectors.patterns.advice import Advice
from detectors.patterns.example import (
    PatternExample,
    cancelled,
    known,
    looked_up,
    met,
    rostered,
    sold,
)
from detectors.patterns.sale.pushed_sale import PushedSale
from tools.patterns.article_examples import FOLDER, write_examples
from tools.patterns.articles import REMARK, WARNED_OF

PAGE: Final = Path("docs/patterns.md")

WIDTH: Final = 120

UNTOLD: Final = ("type", "event_id", "account_id", "sale_id", "occurred_at")

_OTHERS: Final[dict[type[AnyQuestion], str]] = {
    Uses: "use of the account by its customer",
    OwnContacts: "`agent` events",
    Hours: "`agent_id` of the sale, `roster` events",
}

_HERE: Final = Path(__file__).parent


def page() -> str:
    """Return the page."""
    return "".join(_page())


def _page() -> Iterator[str]:
    yield (_HERE / "beginning.md").read_text(encoding="utf-8")
    yield from _warned_of()
    registry = Patterns()
    patterns = [getattr(registry, name) for name in registry.__struct_fields__]
    for pattern in patterns:
        if isinstance(pattern, SalePattern):
            yield from _section(pattern)
        else:
            yield from _burst()
    recipe = (_HERE / "recipe.md").read_text(encoding="utf-8")
    source = inspect.getsource(sys.modules[PushedSale.__module__]).strip()
    yield "\n" + recipe.replace("{source}", source)


def _warned_of() -> Iterator[str]:
    yield "\n## What the articles warn of\n\nThe two articles that Aboveboard comes from, and the"
    yield " patterns that see what they name.\n\n| practice | patterns |\n|---|---|\n"
    for warned in WARNED_OF:
        links = ", ".join(f"[`{name}`](#{name})" for name in warned.patterns)
        yield f"| {warned.practice} | {links} |\n"
    yield f"\n{REMARK}\n\n"
    for warned in WARNED_OF:
        yield f"- {warned.practice}: [{warned.example}](../{FOLDER}/{warned.example}.toml)\n"


def _section(pattern: SalePattern) -> Iterator[str]:
    yield f"\n## {pattern.name}\n\n{_described(sys.modules[type(pattern).__module__])}\n"
    yield "\n| | |\n|---|---|\n"
    yield f"| on by default | {'yes' if pattern.enabled else 'no'} |\n"
    yield f"| judged | {_when(pattern)} |\n"
    asked = "; ".join(map(_asked, pattern.questions)).replace("`; their `", "`, `")
    if pattern.key is not None:
        asked = asked.replace("cancellations of the sale", "their cancellations")
    yield f"| reads | {asked} |\n"
    yield f"| alerts about | {', '.join(_subjects(pattern))} |\n"
    yield f"| weight in the budget | {pattern.weight:g} |\n"
    yield from _advised(pattern.advice, pattern.explanations_checked)
    yield "\n**Examples.**\n\n"
    yield from _examples(pattern.examples)


def _advised(advice: Advice, checked: Sequence[str] = ()) -> Iterator[str]:
    """Yield what is to be done, and what may be honest."""
    yield f"\n{_filled('**First step.** ' + advice.next_step)}\n"
    yield f"\n{_filled('**Would clear it.** ' + advice.would_clear)}\n"
    if checked:
        yield "\n**Counts against nobody.** Sales that were\n\n"
        yield from _bullets(checked)
    yield "\n**Honest explanations to look into.**\n\n"
    yield from _bullets(advice.explanations_unchecked)


def _examples(examples: Sequence[PatternExample]) -> Iterator[str]:
    """Yield a table of examples; a list, where what happened is too long for one."""
    rows = [
        (one.story, "; ".join(map(_told, one.events)), one.verdict.name.lower()) for one in examples
    ]
    if max(len("".join(row)) for row in rows) > WIDTH:
        yield from _bullets([f"*{verdict}*: {story} On {told}." for story, told, verdict in rows])
        return
    yield "| what happened | events | verdict |\n|---|---|---|\n"
    for row in rows:
        yield f"| {' | '.join(row)} |\n"


def _bullets(lines: Sequence[str]) -> Iterator[str]:
    yield from (textwrap.indent(_filled(f"- {line}"), "  ")[2:] + "\n" for line in lines)


def _burst() -> Iterator[str]:
    yield f"\n## {BurstPattern.name}\n\n{_described(burst)}\n"
    _, *paragraphs = (inspect.getdoc(BurstPattern) or "").split("\n\n")
    yield "\n" + "\n\n".join(map(_filled, paragraphs)) + "\n"
    usual, counted = Patterns().burst, Patterns().quick_cancellation
    yield "\n| | |\n|---|---|\n"
    yield f"| on by default | {'yes' if usual.enabled else 'no'} |\n"
    yield f"| judged | {counted.window} after the sales, day by day |\n"
    yield f"| reads | what `{BurstPattern.source}` found |\n"
    yield "| alerts about | the agent: a rate above that of peers |\n"
    yield f"| weight in the budget | {usual.weight:g} |\n"
    yield from _advised(BurstPattern.advice)


def _described(module: object) -> str:
    """Return the docstring of a module as paragraphs, without the name that it begins with."""
    text = (inspect.getdoc(module) or "").split(": ", 1)[1]
    return "\n\n".join(map(_filled, (text[0].upper() + text[1:]).split("\n\n")))


def _filled(paragraph: str) -> str:
    """Return a paragraph of a docstring as one of Markdown."""
    words = " ".join(paragraph.split()).replace("``", "`")
    return textwrap.fill(words, WIDTH, break_long_words=False, break_on_hyphens=False)


def _when(pattern: SalePattern) -> str:
    if type(pattern).due_at is not SalePattern.due_at:
        return f"when its period ends, at most {pattern.window} after the sale"
    if "window" not in pattern.__struct_fields__ and pattern.looks_back == pattern.window:
        return "at the sale"
    early = ", and with less weight on the day a sale ends" if pattern.early else ""
    back = ""
    if pattern.looks_back != pattern.window:
        is_traffic = traffic_asked(pattern.questions) is not None
        by_agent = "the agent did" if is_traffic else "the agent sold"
        what = by_agent if pattern.key == AGENT else "was sold to the customer"
        back = f", by what {what} up to {pattern.looks_back} before"
    when = "at" if "window" not in pattern.__struct_fields__ else f"{pattern.window} after"
    return f"{when} the sale{early}{back}"


def _asked(question: AnyQuestion) -> str:
    match question:
        case SaleNumber(field, _, reads):
            return f"{', '.join(f'`{one}`' for one in reads or (field,))} of the sale"
        case SaleValue(field):
            return f"their `{field}`"
        case Sharing(field):
            return _shared(field)
        case Traffic(accesses=accesses):
            also = " and `access`" if accesses else ""
            return f"`agent_id` and `customer_id` of the sale, `interaction`{also} events"
        case Acts(kinds):
            return f"activities of the account, one by one: {', '.join(kinds)}".replace("_", " ")
        case _:
            return _OTHERS.get(type(question), "cancellations of the sale")


def _shared(field: str) -> str:
    if field == "agent_id":
        return "what else this agent sold"
    if field == "customer_id":
        return "`customer_id` of the sale, and what else this customer bought"
    if field == "agent_id":
        return "`agent_id` of the sale, and what else this agent sold"
    fields = f"`{field}`" if field == "address_hash" else f"`{field}`, `address_hash`"
    return f"{fields} and the customer of the sale, and of others with it"


def _subjects(pattern: SalePattern) -> Iterator[str]:
    most = "" if pattern.severest == "critical" else f", at most *{pattern.severest}*"
    yield f"the agent: a rate above that of peers{most}"
    if pattern.alerts_on_account:
        soon = ", as soon as it is certain" if pattern.tells_at_once else ""
        yield f"the account: each bad sale{soon}, severity *info*"


def _told(event: AnyEvent) -> str:
    """Return the day of an event, its type, and what it says beyond what every such event says."""
    usual = msgspec.to_builtins(_usual(event))
    fields = msgspec.to_builtins(event)
    days = (event.occurred_at - sold().occurred_at).days
    said = [
        f"`{name}` {value}"
        for name, value in fields.items()
        if value is not None and name not in UNTOLD and usual.get(name) != value
    ]
    told = f"day {days}: {fields['type'].replace('_', ' ')}"
    return f"{told} with {', '.join(said)}" if said else told


def _usual(event: AnyEvent) -> AnyEvent:
    match event:
        case Sale():
            return sold()
        case Interaction():
            return met(0)
        case Access():
            return looked_up(0)
        case Agent():
            return known(0)
        case RosteredHours():
            return rostered(0)
        case _:
            return cancelled(0)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    write_examples()
