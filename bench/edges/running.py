"""One seed: a world, some faults, and what the product made of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Final

from msgspec import Struct, structs

from bench.edges.catalogue import CATALOGUE
from bench.edges.causes import Causes, touched_by
from bench.edges.fault import Draw, Fault, in_order
from bench.edges.installation import Installation
from bench.edges.world import (
    SIZES,
    SPREAD,
    Size,
    agent_years,
    honest_world,
    seeded,
    truly_fine,
)
from detectors.alerts.alert import Alert
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.settings import Settings

EARLY: Final = "_early"
SHOWN: Final = 3
SECOND, THIRD = 0.4, 0.15
"""How often there is a second and a third fault."""

NEEDS_PARTITIONS: Final = "records in the wrong partition"


class Warned(Struct, frozen=True):
    """A warning, or an accusation, about somebody in a world in which all are honest."""

    subject: str
    id: str
    pattern: str
    severity: str

    @property
    def early(self) -> bool:
        """Whether it is of the early tier."""
        return self.pattern.endswith(EARLY)


class Result(Struct, frozen=True):
    """What came of one seed.

    ``faults`` says for each what was drawn. ``warned`` are all that were ever warned of. Of
    accounts in which all is well, ``false_ever`` were told as unused at any time, ``false_open``
    still are, ``examples`` are some of them. ``told`` says of each fault whether a trace tells of
    it; None of one that needs none.
    """

    seed: int
    size: str
    agent_years: float
    sales: int
    faults: dict[str, str]
    warned: list[Warned]
    false_ever: int
    false_open: int
    by_fault: dict[str, int]
    by_cause: dict[str, int]
    examples: list[str]
    traces: dict[str, int]
    told: dict[str, bool | None]
    seconds: float


def faults_of(seed: int) -> tuple[Size, list[Fault]]:
    """Return the size and the faults of a seed: each fault meets each size in its turn."""
    names = list(CATALOGUE)
    size = SIZES[seed // len(names) % len(SIZES)]
    chosen, random = [names[seed % len(names)]], seeded(seed, 1)
    for share in (SECOND, THIRD):
        if random.random() < share and seed % len(names):
            chosen.append(random.choice([name for name in names[1:] if name not in chosen]))
    faults = sorted((CATALOGUE[name] for name in chosen), key=lambda one: not one.happens)
    if NEEDS_PARTITIONS in chosen and size.partitions == 1:
        size = structs.replace(size, partitions=SPREAD.partitions)
    return size, faults


def run(
    seed: int,
    settings: Settings | None = None,
    size: Size | None = None,
    faults: Sequence[Fault] | None = None,
) -> Result:
    """Draw the world of a seed, plant its faults, judge it, and set what was said by the truth."""
    started = perf_counter()
    drawn_size, drawn_faults = faults_of(seed)
    size, faults = size or drawn_size, faults or drawn_faults
    world = honest_world(size, seed)
    arrivals, words, touched = world.arrivals, dict[str, str](), dict[str, set[str]]()
    true = arrivals
    for number, fault in enumerate(faults):
        planted = fault.plant(arrivals, Draw(seeded(seed, 2, number), world))
        touched[fault.name] = touched_by(arrivals, planted.arrivals)
        arrivals, words[fault.name] = planted.arrivals, planted.words
        if fault.happens:
            true = arrivals
    fine = truly_fine(true)
    settings = settings or Settings()
    installation = Installation(settings, size.partitions)
    installation.run(in_order(arrivals), world.ends)
    last = {alert.alert_id: alert for alert in installation.alerts}
    wrong = {
        alert_id: alert
        for alert_id, alert in last.items()
        if alert.subject.type == "account"
        and alert.pattern == UnusedAccount.name
        and alert.subject.id.strip().lower() in fine
    }
    still = sorted(
        alert.subject.id.strip().lower() for alert in wrong.values() if alert.status == "open"
    )
    causes = Causes(true, arrivals, installation.refused_of, world.ends)
    traces = traces_of(installation, last)
    return Result(
        seed=seed,
        size=size.name,
        agent_years=agent_years(world.arrivals),
        sales=sum(one.kind == "sale" for one in world.arrivals),
        faults=words,
        warned=warned_of(installation.alerts),
        false_ever=len(wrong),
        false_open=len(still),
        by_fault={name: sum(one in some for one in still) for name, some in touched.items()},
        by_cause=Counter(map(causes.of, still)),
        examples=still[:SHOWN],
        traces=traces,
        told={fault.name: tells(fault, traces) for fault in faults},
        seconds=perf_counter() - started,
    )


def warned_of(alerts: Sequence[Alert]) -> list[Warned]:
    """Return each agent, site and team of whom there ever was a warning, at its gravest."""
    found: dict[str, Warned] = {}
    for alert in alerts:
        if alert.subject.type == "account" or alert.severity == "info":
            continue
        known = found.get(alert.alert_id)
        if known is None or alert.severity == "critical":
            found[alert.alert_id] = Warned(
                alert.subject.type, alert.subject.id, alert.pattern, alert.severity
            )
    return list(found.values())


def traces_of(installation: Installation, last: Mapping[str, Alert]) -> dict[str, int]:
    """Return the traces of the stages, and those that are alerts."""
    traces = installation.traces()
    for alert in last.values():
        kind = alert.subject.type
        if kind in ("site", "team") and alert.severity != "info":
            traces["group"] = traces.get("group", 0) + 1
        if kind == "agent" and alert.severity == "info":
            traces[alert.pattern] = traces.get(alert.pattern, 0) + 1
    return traces


def tells(fault: Fault, traces: Mapping[str, int]) -> bool | None:
    """Return whether something tells of a fault; None if nothing needs to."""
    return any(traces.get(name) for name in fault.traces) if fault.traces else None
