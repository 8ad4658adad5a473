"""What an erasure does, and what is left, in words."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from streams.broker.retention import timed_topics, variable_of
from streams.erasure.dates import is_of_sources
from streams.erasure.erase import Plan
from streams.erasure.search import Leftover, Remover
from streams.printable import printable
from streams.wire.topics import Topic, topic_name

APPLY: Final = "aboveboard topics --apply-settings"

_TIMED: Final = frozenset(timed_topics())

_REMOVERS: Final = {
    Remover.RETENTION: "the retention of the topic",
    Remover.COMPACTION: "compaction: it was replaced",
    Remover.FORGETTING: "the worker forgets it by itself, and compaction",
    Remover.NOBODY: "",
}


def plan_lines(plan: Plan, word: str) -> Iterator[str]:
    """Yield what is removed, or would be: `word` says which."""
    for one in plan.held:
        yield f"held     alert {one.alert_id} is open: {printable(one.summary)}"
    if plan.held:
        yield (
            "Nothing is erased: people have to close the case first (aboveboard alerts decide "
            f"{plan.held[0].alert_id} propose ..., and another person approve)"
        )
        return
    yield f"{word:<8} {counted(len(plan.alerts), 'alert')} in {Topic.ALERTS_CURRENT}"
    yield f"{word:<8} {counted(len(plan.cases), 'case')} in {Topic.CASES_CURRENT}"
    if plan.commissions:
        paid = counted(len(plan.commissions), "commission")
        yield f"{word:<8} {paid} in {Topic.COMMISSION_ACTIONS}"
    again = f"; {plan.copies:,} of others stored once more" if plan.copies else ""
    yield f"{word:<8} {counted(plan.letters, 'record')} in {Topic.DEAD_LETTERS}{again}"


def leftover_lines(
    found: Sequence[Leftover], prefix: str, bootstrap: str, now: int
) -> Iterator[str]:
    """Yield where the id stands, what removes it and when; `now` in milliseconds since 1970."""
    width = max((len(one.topic) for one in found), default=0)
    for one in found:
        places = ", ".join(f"[{number}]@<{end}" for number, end in sorted(one.ends.items()))
        when = "nobody knows when" if one.goes_at is None else f"by {_day(one.goes_at)}"
        if is_overdue(one, now):
            when = f"OVERDUE since {_day(one.goes_at or 0)}"
        if one.remover is Remover.NOBODY:
            when = "stays"
        records = counted(one.records, "record")
        yield f"{one.topic:<{width}}  {records:<12}  {when}  {_reason(one)}  {places}".rstrip()
    for one in found:
        if is_of_sources(one.topic) and one.remover is Remover.NOBODY:
            yield from _command(one, prefix, bootstrap)


def is_overdue(one: Leftover, now: int) -> bool:
    """Return whether records should be gone by now."""
    return one.goes_at is not None and one.remover is not Remover.NOBODY and one.goes_at < now


def counted(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _reason(one: Leftover) -> str:
    if one.remover is not Remover.NOBODY:
        if one.remover is Remover.COMPACTION and one.goes_at is None:
            return f"compaction; the topic sets no time: {APPLY}"
        return _REMOVERS[one.remover]
    if is_of_sources(one.topic):
        return f"the source owns it: it goes with the command below, or set {_setting(one)}"
    if one.topic in _TIMED:
        return f"kept for ever: set {_setting(one)}"
    if one.topic is Topic.ALERT_DELIVERIES:
        return "an order to a webhook: it goes when it was carried out"
    return "a record about somebody else names it"


def _setting(one: Leftover) -> str:
    return f"{variable_of(one.topic)} and run {APPLY}"


def _command(one: Leftover, prefix: str, bootstrap: str) -> Iterator[str]:
    """Yield the command that deletes events of sources, and what else it takes."""
    name = topic_name(prefix, one.topic)
    offsets = [
        {"topic": name, "partition": number, "offset": end}
        for number, end in sorted(one.ends.items())
    ]
    yield f"# all of {name} up to the last event of the account, others' too:"
    yield f"echo '{json.dumps({'partitions': offsets, 'version': 1})}' > offsets.json"
    yield f"kafka-delete-records.sh --bootstrap-server {bootstrap} --offset-json-file offsets.json"


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1_000, UTC):%Y-%m-%d %H:%M} UTC"
