"""Verdicts of the patterns that look across accounts, and the outcomes that follow from them."""

from collections.abc import Sequence
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds
from detectors.facts.account import Verdict
from detectors.facts.asked.hours import Hours
from detectors.facts.asked.own_contacts import OwnContacts
from detectors.facts.asked.traffic import Traffic
from detectors.facts.contact import AGENT
from detectors.facts.questions import CANCELLATIONS, Sharing, numbers_asked
from detectors.facts.sales import Sales, Sold
from detectors.facts.uses import any_within
from detectors.keys.group import Group, Shared
from detectors.messages.outcomes import NOT_ENDED, Outcome
from detectors.messages.stake import stake_of
from detectors.patterns import SalePattern
from detectors.settings import Settings

AboutAgents = type[Traffic | Hours | OwnContacts]
"""A question about the agent of a sale."""


class KeySettlement:
    """Asks patterns for verdicts, and collects outcomes until they are drained.

    Attributes
    ----------
    windows, looks_back
        The window of each enabled pattern that looks across accounts, and how long before a sale
        it looks for others, in seconds.
    by_field
        The numbers of the patterns that look by a field, each with its window.
    of_agents
        Of those that look by agent: the ones that ask such a question about them.
    others_within
        How long before a sale each looks at other sales (seconds), None where at none.
    heeds_cancellations
        Whether any of them asks for cancellations.
    """

    def __init__(self, settings: Settings) -> None:
        self._patterns: Final = settings.patterns.across_accounts()
        self._forgiven: Final = settings.time.forgiven
        questions = [q for p in settings.patterns.on_sales() for q in p.questions]
        self.heeds_cancellations: Final = any(CANCELLATIONS in p.questions for p in self._patterns)
        self._numbers: Final = tuple(number.field for number in numbers_asked(questions))
        self._outcomes: list[Outcome] = []
        self.windows: Final = tuple(seconds_of(pattern.window) for pattern in self._patterns)
        self.looks_back: Final = tuple(seconds_of(pattern.looks_back) for pattern in self._patterns)
        self.by_field: Final[dict[str, list[tuple[int, float]]]] = {}
        for index, pattern in enumerate(self._patterns):
            if pattern.key is not None:
                numbered = (index, self.windows[index])
                self.by_field.setdefault(pattern.key, []).append(numbered)
        self.of_agents: Final[dict[AboutAgents, list[tuple[int, float]]]] = {
            kind: [
                (index, window)
                for index, window in self.by_field.get(AGENT, ())
                if any(isinstance(one, kind) for one in self._patterns[index].questions)
            ]
            for kind in (Traffic, Hours, OwnContacts)
        }
        self._ends_then: Final = tuple(
            type(pattern).due_at is SalePattern.due_at for pattern in self._patterns
        )
        self._follows_merges: Final = tuple(
            settings.corrections.merges and CANCELLATIONS in pattern.questions
            for pattern in self._patterns
        )
        self.others_within: Final = tuple(
            seconds_of(one.others_within) if _looks_at_others(one) else None
            for one in self._patterns
        )

    def drain(self) -> list[Outcome]:
        """Return what became known since the last call."""
        taken, self._outcomes = self._outcomes, []
        return taken

    def due_at(self, index: int, at: Seconds) -> Seconds:
        """Return when a sale made `at` a time is judged by one pattern (seconds)."""
        if self._ends_then[index]:  # as it says itself, without reading its window each time
            return Seconds(at + self.windows[index])
        return self._patterns[index].due_at(at)

    def settle(
        self, index: int, sales: Sequence[tuple[Group, Shared]], known_at: Seconds | None = None
    ) -> None:
        """Ask one pattern for the verdicts on sales that are due; emit new ones.

        `known_at` is when they became known; None if that was when each was due.
        """
        pattern = self._patterns[index]
        shared = [one for _, one in sales if one.stands]
        rows = [self._row(index, group, one) for group, one in sales if one.stands]
        if rows:
            judged = pattern.judged(self._sales(rows, index)).tolist()
            for one, row, number in zip(shared, rows, judged, strict=True):
                verdict = self._heeded(index, row, Verdict(number))
                bad = verdict is Verdict.BAD
                shown = pattern.events_across(self._sales([row], index)) if bad else ()
                self._say(index, one, verdict, shown, known_at)
        for _, one in sales:
            if not one.stands and one.sale.verdict(index) in (Verdict.GOOD, Verdict.BAD):
                self._say(index, one, Verdict.EXCLUDED, (), known_at)

    def _row(self, index: int, group: Group, shared: Shared) -> Sold:
        return group.row(shared, self.windows[index], self.others_within[index])

    def _heeded(self, index: int, row: Sold, verdict: Verdict) -> Verdict:
        """Return a verdict, if what it rests on can be seen.

        What follows on an account that became part of another one is told under that one. So as in
        a ledger nothing is said of a sale if a pattern asks for cancellations, and the account of
        one of the sales that it looks at was merged in the time that it looks at.
        """
        if not self._follows_merges[index]:
            return verdict
        at, window = row.sale.at, self.windows[index]
        since, end = Seconds(at - max(window, self.looks_back[index])), Seconds(at + window)
        looked_at = (row, *row.sharing)
        is_merged = any(any_within(one.account.merges, since, end) for one in looked_at)
        return Verdict.EXCLUDED if is_merged else verdict

    def _sales(self, rows: Sequence[Sold], index: int) -> Sales:
        return Sales(rows, self.windows[index], self._forgiven, self._numbers)

    def _say(
        self,
        index: int,
        shared: Shared,
        verdict: Verdict,
        event_ids: tuple[str, ...],
        known_at: Seconds | None,
    ) -> None:
        """Emit a verdict if it is a new one, and remember it."""
        sale, before = shared.sale, shared.sale.verdict(index)
        if verdict is before:
            return
        sale.set_verdict(index, verdict)
        if before is Verdict.PENDING and verdict is Verdict.EXCLUDED:
            return
        matured_at = self.due_at(index, sale.at)
        self._outcomes.append(
            Outcome(
                self._patterns[index].name,
                sale.sale_id,
                sale.agent_id,
                sale.cell,
                matured_at,
                matured_at if known_at is None else known_at,
                verdict,
                event_ids,
                before,
                shared.account_id,
                sale.batch,
                NOT_ENDED,
                (stake_of(sale),) if event_ids else (),
                sale.site,
                sale.team,
            )
        )


def _looks_at_others(pattern: SalePattern) -> bool:
    return any(isinstance(one, Sharing) for one in pattern.questions)
