"""The sentence of an alert: what a compliance officer can read aloud. Never a verdict."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import UNSET

from detectors.alerts.alert import Ending, OtherAlert, PriorAlert, Status, Subject
from detectors.alerts.at_stake import AtStake
from detectors.basis.identifiers import AccountId, AgentId, GroupKind
from detectors.events.decision import Outcome
from detectors.evidence.rate_ratio import RateRatio

_TEN: Final = 10.0

_STATUSES: Final[tuple[Status, ...]] = ("open", "resolved", "withdrawn")
_OUTCOMES: Final[tuple[Outcome, ...]] = ("confirmed", "honest", "unclear")
_ENDINGS: Final[Mapping[Ending, str]] = {
    "evidence_fell": "Ended: the evidence has fallen far below the threshold, and stayed there.",
    "silent": "Ended, unexplained: nothing of theirs has been judged since {heard_on}. Whether it "
    "goes on is not known.",
    "explained": "Ended: two people found an honest explanation.",
}
_LONGEST_WRITTEN: Final = 1e15
_MOST_NAMED: Final = 5
"""Other alerts that a sentence names; the alert itself has all of them."""


_ABOUT_GROUPS: Final = "A finding about a group, and about no person in it. "


_AS_COUNTED: Final = "As counted, that is"


def counted_sentence(summary: str) -> str:
    """Return the sentence of a summary that tells what was counted; all of it where it has none."""
    counted, _, _ = summary.rpartition(f" {_AS_COUNTED} ")
    return counted or summary


def subject_sentence(
    *,
    subject: Subject,
    unit_phrase: str,
    outcome_phrase: str,
    matured: int,
    observed: int,
    expected: float,
    ratio: RateRatio,
    likely_start: str,
) -> str:
    """Return what the outcomes of an agent or a group show, since when, and how sure that is."""
    kind = subject.type
    peers = "peers" if kind == "agent" else f"other {kind}s"
    about = "" if kind == "agent" else _ABOUT_GROUPS
    return (
        f"{kind.capitalize()} {subject.id}: of {matured:,} {unit_phrase} since {likely_start}, "
        f"{observed:,} were {outcome_phrase}, where {expected_as_read(expected)} would be expected "
        f"among {peers}. {_times(observed, expected, ratio, kind)} "
        f"{about}A pattern to review, not a verdict."
    )


def sellers_sentence(sales: Collection[int]) -> str:
    """Return how many agents of a group made the sales named; `sales` are those of each."""
    named, most = sum(sales), max(sales)
    if len(sales) == 1:
        return f"The {named:,} sales named are all of one agent: it may be no matter of the group."
    return f"The {named:,} sales named are of {len(sales):,} agents, {most:,} of them of one agent."


def group_alerts_sentence(kinds: Sequence[GroupKind]) -> str:
    """Return where to look first, for an agent whose groups of these kinds have open alerts."""
    if len(kinds) == 1:
        return f"Their {kinds[0]} is under an alert of its own: look there first."
    return f"Their {' and '.join(kinds)} are under alerts of their own: look there first."


def early_sentence(
    *,
    agent_id: AgentId,
    outcome_phrase: str,
    observed: int,
    expected: float,
    ratio: RateRatio,
    likely_start: str,
) -> str:
    """Return what an agent's sales did while their window was still open: an early sign."""
    return (
        f"Agent {agent_id}: since {likely_start}, {observed:,} sales {outcome_phrase}, where "
        f"{expected_as_read(expected)} would be expected by now among peers with sales as old. "
        f"{_times(observed, expected, ratio)} "
        "An early sign, before most windows have passed: a pattern to review, not a verdict."
    )


def _times(observed: int, expected: float, ratio: RateRatio, kind: str = "agent") -> str:
    """Return how many times as often as among peers: as counted, and then the best estimate.

    Neither may pass for the other: who divides the counts must find the first one. Where the
    interval does not hold it, the sentence says why.
    """
    estimate = (
        f"Allowing for chance, and for how much honest {kind}s differ, the best estimate is "
        f"{ratio.estimate:,.1f} times (90 % interval {ratio.lower:,.1f} to {ratio.upper:,.1f})."
    )
    if expected <= 0.0:  # nothing is left to be compared
        return estimate
    times = observed / expected
    peers = "peers" if kind == "agent" else f"other {kind}s"
    return (
        f"{_AS_COUNTED} {times:,.1f} times as often as among {peers}. {estimate}"
        f"{remark_on_chance(times, ratio.lower, ratio.upper)}"
    )


def remark_on_chance(times: float, lower: float, upper: float) -> str:
    """Return why a multiple as counted lies outside the interval; empty if it does not."""
    if lower <= times <= upper:
        return ""
    side = "above" if times > upper else "below"
    return f" The count lies {side} that: so few outcomes can owe much of it to chance."


def taken_back_sentence(told: int, good: int, excused: int, unseen: int) -> str:
    """Return how many of the bad outcomes that were told last were taken back since, and why."""
    reasons = (
        (good, "turned out good"),
        (excused, "do not count any more, by later records"),
        (unseen, "rest on time that could not be seen"),
    )
    why = ", ".join(f"{number:,} {reason}" for number, reason in reasons if number)
    back = good + excused + unseen
    return f"Corrected: of the {told:,} bad outcomes told last, {back:,} were taken back ({why})."


def never_due_sentence() -> str:
    """Return why an alert is withdrawn that rested on outcomes which were corrected since."""
    return "Withdrawn: as the records stand now, it would never have been told."


def common_cause_sentence(kinds: Sequence[GroupKind]) -> str:
    """Return why an agent's alert is withdrawn whose groups of these kinds are under alerts."""
    groups = " and ".join(kinds)
    alerts, it = ("The alert", "it") if len(kinds) == 1 else ("The alerts", "them")
    return (
        f"Withdrawn: their {groups} rose with them, and they do not stand out within {it}. "
        f"{alerts} about the {groups} {'tells' if len(kinds) == 1 else 'tell'} of what happened."
    )


def quiet_sentence(since: str) -> str:
    """Return what an alert says whose evidence has fallen, but not far enough to end it."""
    return (
        f"Quiet: the evidence has been below the threshold since {since}. That is no end: people "
        "who go on as before have lucky weeks, too."
    )


def ending_sentence(ending: Ending, heard_on: str) -> str:
    """Return why an alert ended; `heard_on` is the last day on which the agent was judged."""
    return _ENDINGS[ending].format(heard_on=heard_on)


def expected_as_read(expected: float) -> str:
    """Return an expected count with three figures or more: a reader divides by it."""
    if expected >= _TEN or expected <= 0.0:
        return f"{expected:,.1f}"
    return f"{expected:.2f}" if expected >= 1.0 else f"{expected:.3g}"


def account_sentence(
    *, account_id: AccountId, product: str, sold_on: str, seller: str | None, outcome_phrase: str
) -> str:
    """Return the sentence about one account."""
    by = "without a selling agent" if seller is None else f"by agent {seller}"
    return (
        f"Account {account_id} ({product}), sold on {sold_on} {by}, was {outcome_phrase}. "
        "An account to check, not a verdict."
    )


def withdrawn_sentence(*, account_id: AccountId, outcome_phrase: str) -> str:
    """Return the sentence of a finding that no longer holds."""
    return (
        f"Withdrawn: after a late record it can no longer be said that account {account_id} was "
        f"{outcome_phrase}."
    )


def unseen_sentence(*, account_id: AccountId, outcome_phrase: str, unseen: str) -> str:
    """Return the sentence of a finding that cannot be told, for it rests on what was not seen."""
    return (
        f"Withdrawn: it cannot be said that account {account_id} was {outcome_phrase}, because "
        f"{unseen}."
    )


def at_stake_in_words(at_stake: AtStake) -> str:
    """Return what is at stake in the sales that an alert names: counts as they are, no estimate."""
    one = at_stake.sales == 1
    sales = "the sale named" if one else f"the {at_stake.sales:,} sales named"
    if at_stake.amount_unknown == at_stake.sales:
        told = f"an amount that nobody knows, in {sales}"
    else:
        told = f"{_amount(at_stake.amount)} in {sales}"
    if at_stake.customers:
        customers = (
            "1 known customer"
            if at_stake.customers == 1
            else (f"{at_stake.customers:,} known customers")
        )
        told = f"{told}, of {customers}"
    if 0 < at_stake.amount_unknown < at_stake.sales:
        told = f"{told}; {at_stake.amount_unknown:,} of the sales have no known amount"
    return told


def prior_in_words(prior: Sequence[PriorAlert]) -> str:
    """Return how many other alerts there were about an agent, and what people found them to be."""
    one = len(prior) == 1
    alerts = "1 other alert" if one else f"{len(prior):,} other alerts"
    statuses = Counter(alert.status for alert in prior)
    told = [f"{statuses[status]:,} {status}" for status in _STATUSES if statuses[status]]
    found = Counter(alert.outcome for alert in prior if alert.outcome is not UNSET)
    outcomes = [f"{found[outcome]:,} {outcome}" for outcome in _OUTCOMES if found[outcome]]
    people = f"people found {', '.join(outcomes)}" if outcomes else "nobody has decided about any"
    return f"{alerts} about them ({', '.join(told)}); {people}"


def other_alerts_sentence(others: Sequence[OtherAlert]) -> str:
    """Return which other alerts about a subject are open, and what they have in common with this.

    `others` are the most severe first; of many the first ones are named.
    """
    told = f"Also open about them: {other_alerts_in_words(others)}."
    if any(one.sales_in_common for one in others):
        return f"{told} A sale that counts in several patterns is one sale, not several."
    return told


def other_alerts_in_words(others: Sequence[OtherAlert]) -> str:
    """Return the names of the first other alerts, and how many more there are."""
    named = [f"{one.pattern} ({_severity_and_common(one)})" for one in others[:_MOST_NAMED]]
    if len(others) > _MOST_NAMED:
        named.append(f"{len(others) - _MOST_NAMED} more")
    return ", ".join(named)


def _severity_and_common(other: OtherAlert) -> str:
    if not other.sales_in_common:
        return other.severity
    sales = "sale" if other.sales_in_common == 1 else "sales"
    return f"{other.severity}; {other.sales_in_common:,} {sales} in common"


def _amount(amount: float) -> str:
    return f"{amount:,.2f}" if amount < _LONGEST_WRITTEN else f"{amount:.3g}"
