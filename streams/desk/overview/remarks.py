"""What could not be seen, in sentences: what hides most comes first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from streams.desk.overview.unseen import Silence, Stopped, Unseen
from streams.desk.site.words import Words

Weight = Literal["bad", "warning", "good"]


class Link(NamedTuple):
    """Where the cases stand that a sentence is about."""

    text: str
    address: str


class Remark(NamedTuple):
    """A sentence, and how much of the whole it hides: ``good`` hides nothing."""

    weight: Weight
    text: str
    links: tuple[Link, ...] = ()


def remarks(unseen: Unseen, behind: int | None, now: datetime, t: Words) -> list[Remark]:
    """Return the sentences.

    Parameters
    ----------
    unseen
        What could not be seen.
    behind
        How many events are not read yet; None where nobody knows.
    now
        When they are read.
    t
        The words of the reader's language.
    """
    told = [*_of_workers(unseen, now, t), *_of_reading(unseen, behind, t)]
    if unseen.stopped is not None:
        told.insert(0, _of_all(unseen.stopped, t))
    told += [_of_silence(one, t) for one in unseen.silent]
    told += _of_alerts(unseen, t)
    return sorted(told, key=lambda one: ("bad", "warning", "good").index(one.weight))


def _of_workers(unseen: Unseen, now: datetime, t: Words) -> Iterator[Remark]:
    if unseen.beat is None:
        yield Remark("bad", t("overview.no_worker"))
    elif unseen.worker_is_heard(now):
        yield Remark("good", t("overview.worker", ago=t.ago(unseen.beat, now)))
    else:
        yield Remark("bad", t("overview.worker_silent", moment=t.moment(unseen.beat)))
    if unseen.workers_differ:
        yield Remark("bad", t("overview.workers_differ"))


def _of_reading(unseen: Unseen, behind: int | None, t: Words) -> Iterator[Remark]:
    if behind is None:
        yield Remark("bad", t("overview.not_reading"))
    elif behind:
        yield Remark("bad", t.count("overview.behind", behind))
    if unseen.unfolded:
        yield Remark("bad", t.count("overview.unfolded", unseen.unfolded))
    for topic in unseen.missing:
        kind = t(f"overview.kind.{topic}")
        yield Remark("bad", t("overview.missing", kind=kind, so=t(f"overview.without.{topic}")))
    if unseen.ahead:
        yield Remark("warning", t.count("overview.ahead", unseen.ahead))
    lately = sum(one.lately for one in unseen.refused)
    if lately:
        yield Remark("warning", t.count("overview.refused", lately))


def _of_all(stopped: Stopped, t: Words) -> Remark:
    since = {"moment": t.moment(stopped.last), "silent": t.span(stopped.silent)}
    return Remark("bad", t("overview.stopped", usual=t.span(stopped.usual), **since))


def _of_silence(silence: Silence, t: Words) -> Remark:
    since = {
        "moment": t.moment(silence.last),
        "silent": t.span(silence.silent),
        "usual": t.span(silence.usual),
    }
    if silence.site:
        link = Link(t("overview.its_cases"), f"/cases?{urlencode({'site': silence.site})}")
        text = t("overview.silent_site", site=isolated(silence.site), **since)
        return Remark("warning", text, (link,))
    so = t(f"overview.without.{silence.topic}")
    kind = t(f"overview.kind.{silence.topic}")
    return Remark("bad", t("overview.silent_kind", kind=kind, so=so, **since))


def _of_alerts(unseen: Unseen, t: Words) -> Iterator[Remark]:
    if unseen.closed:
        yield Remark("good", t.count("overview.closed_sites", unseen.closed))
    if unseen.holed:
        of = t.number(unseen.open_alerts)
        links = tuple(
            Link(f"{pattern} ({t.number(number)})", f"/cases?{urlencode({'pattern': pattern})}")
            for pattern, number in unseen.holed.items()
        )
        yield Remark("warning", t.count("overview.holed", sum(unseen.holed.values()), of=of), links)
    if not unseen.subjects:
        yield Remark("warning", t("overview.no_alert"))
    elif not unseen.pseudonyms:
        yield Remark("good", t("overview.in_clear"))
    elif unseen.pseudonyms == unseen.subjects:
        yield Remark("good", t("overview.pseudonyms"))
    else:
        of = t.number(unseen.subjects)
        yield Remark("warning", t.count("overview.some_pseudonyms", unseen.pseudonyms, of=of))


def isolated(text: str) -> str:
    """Return a text as a part of a sentence that its direction of writing does not turn round."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
