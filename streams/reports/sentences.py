"""An alert in sentences that a reader can defend: what was counted first, estimates named as such.

The share as counted and the best estimate are two figures. Each sentence holds only one.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from detectors.alerts import wording
from detectors.alerts.alert import Alert
from detectors.alerts.wording import (
    at_stake_in_words,
    expected_as_read,
    other_alerts_sentence,
    prior_in_words,
    remark_on_chance,
)
from detectors.basis.identifiers import GROUP_KINDS
from streams.printable import printable
from streams.reports.figures import Figures, figures_of
from streams.reports.names import counted, day_in_words, enumerated, name_of, percent
from streams.reports.words import words_of

_MOMENT: Final = timedelta(microseconds=1)
"""An alert is told when a day has ended, which is the first moment of the next day."""


def sentences_of(alert: Alert) -> list[str]:
    """Return what was counted, what peers have, the best estimate, and what chance does.

    And at last what is at stake in the sales that it names, where they were made, and what was told
    before.
    """
    told = [*_sentences(alert, figures_of(alert)), *_named_sales(alert)]
    return [*told, *_groups(alert), *_prior(alert)]


def counted_sentence(alert: Alert) -> str:
    """Return what was counted; as the alert says it where there are no words for it."""
    figures, words = figures_of(alert), words_of(alert.pattern)
    if figures.expected is None or figures.since is None:
        return printable(alert.summary)
    if not words.counts:  # the rest of its summary is told by the other sentences
        return printable(wording.counted_sentence(alert.summary))
    return words.counts.format(
        observed=f"{figures.observed:,}",
        trials=f"{figures.trials:,}",
        window=figures.window,
        since=day_in_words(figures.since),
        until=day_in_words(alert.updated_at - _MOMENT),
    )


def _sentences(alert: Alert, figures: Figures) -> Iterator[str]:
    yield counted_sentence(alert)
    if figures.expected is None:
        return
    yield _peers(figures)
    if figures.ratio is not None and figures.low is not None and figures.high is not None:
        yield (
            f"Best estimate: {_estimated_rate(figures)}{figures.ratio:,.1f} times as often as "
            f"among peers (90 % interval {figures.low:,.1f} to {figures.high:,.1f}). It allows for "
            f"chance, and for how much honest {alert.subject.type}s differ."
            f"{_remark(figures.times(), figures.low, figures.high)}"
        )
    if figures.null_alarms is not None and figures.null_years:
        yield (
            "By chance alone: dealt out to the agents at random, the same outcomes gave "
            f"{counted(figures.null_alarms, 'warning')} of this pattern in "
            f"{figures.null_years:,.0f} agent-years."
        )
    if figures.pending:
        yield (
            f"{counted(figures.pending, 'later sale')} of theirs could not be judged by then: the "
            "window had not passed. They are in none of these figures."
        )


def _groups(alert: Alert) -> Iterator[str]:
    if alert.subject.type in GROUP_KINDS:
        yield f"This is about a {alert.subject.type}, and about no person in it."
    if alert.group_alerts:
        ids = enumerated(list(alert.group_alerts))
        yield f"Their site or team is under an alert of its own, look there first: {ids}."


def _prior(alert: Alert) -> Iterator[str]:
    if alert.prior_alerts:
        yield f"Told before this: {prior_in_words(alert.prior_alerts)}."
    if alert.other_alerts:
        yield printable(other_alerts_sentence(alert.other_alerts))


def _named_sales(alert: Alert) -> Iterator[str]:
    if alert.at_stake is not None:
        yield f"At stake: {at_stake_in_words(alert.at_stake)}."
    places = [
        f"{what} {name_of(name)}"
        for what, name in (("team", alert.team), ("site", alert.site))
        if name is not None
    ]
    if places:
        yield f"Team and site, as these sales say most often: {', '.join(places)}."


def _peers(figures: Figures) -> str:
    expected = expected_as_read(figures.expected or 0.0)
    rate, among_peers, times = figures.rate(), figures.peers_rate(), figures.times()
    multiple = "" if times is None else f": {times:,.1f} times as often, as counted"
    if rate is None or among_peers is None:
        return f"Among peers with sales as old it would be {expected} by now{multiple}."
    return (
        f"That is {percent(rate)}. Among peers it would be {percent(among_peers)} "
        f"({expected} of {figures.trials:,}){multiple}."
    )


def _remark(times: float | None, low: float, high: float) -> str:
    return "" if times is None else remark_on_chance(times, low, high)


def _estimated_rate(figures: Figures) -> str:
    among_peers = figures.peers_rate()
    if among_peers is None or figures.ratio is None or figures.ratio * among_peers > 1.0:
        return ""
    return f"{percent(figures.ratio * among_peers)}, "
