"""Verdicts on sales, and what follows from them: outcomes, and findings about accounts."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Seconds
from detectors.basis.identifiers import AccountId, PatternName
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.apart import account_of
from detectors.facts.questions import CANCELLATIONS, AnyQuestion, asks_activity, numbers_asked
from detectors.facts.sales import Sales, Sold
from detectors.ledger.commission.facts import CommissionFacts
from detectors.ledger.distrust import Distrust
from detectors.ledger.exclusions import Exclusions
from detectors.ledger.merging.at_once import Asked, AtOnce
from detectors.messages.findings import AccountFinding
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import NOT_ENDED, Outcome
from detectors.messages.stake import stake_of
from detectors.patterns.reach import reach_of
from detectors.patterns.verdicts import Verdicts
from detectors.settings import Settings

Judged = Callable[[PatternName, int, int], None]

FEW: Final = 8
"""So many sales of one account are judged one by one: nearly every account has one."""

_NOBODY: Final = Account()


class Settlement:
    """Asks patterns for verdicts, and collects outcomes and findings until they are drained.

    `distrust` tells of which time a source cannot be believed. `judged` counts how many sales a
    pattern that needs fields of them judged for the first time, and of how many it knew too little.
    A pattern that looks across accounts is told of none here, and excludes all.

    Attributes
    ----------
    windows, names
        The window of each enabled pattern that judges sales, in seconds, and its name.
    numbers
        The numbers of a sale that they ask for.
    exclusions, commissions
        What is excluded whatever they say, and what is told of commissions: they are settled as by
        patterns, the last ones.
    """

    def __init__(self, settings: Settings, distrust: Distrust, judged: Judged) -> None:
        self.exclusions: Final = Exclusions(settings, distrust)
        self._judged: Final = judged
        self._patterns, self._all = settings.in_accounts(), settings.settled()
        self._across: Final = [one for one in self._all if one not in self._patterns]
        self.numbers: Final = numbers_asked(q for p in self._all for q in p.questions)
        numbers = tuple(number.field for number in self.numbers)
        self.commissions: Final = CommissionFacts(settings, numbers)
        self.names: Final = tuple(pattern.name for pattern in self._patterns)
        self._outcomes, self._good = list[Outcome](), list[GoodOutcomes]()
        self._findings: Final[list[AccountFinding]] = []
        self.windows: Final = tuple(seconds_of(pattern.window) for pattern in self._patterns)
        corrections_for: Final = seconds_of(settings.time.corrections_for)
        kept = max(seconds_of(one.window) for one in self._all)
        self._changeable_for: Final = kept + corrections_for
        self._remembered_for: Final = settings.longest() + corrections_for
        told = (self._patterns, self.windows, numbers, settings.time.forgiven, self._remembered_for)
        self._asked: Final = Asked(*told, heeds_merges=settings.corrections.merges)
        self.at_once: Final = AtOnce(self._asked, self._findings)

    def span_of(self, question: AnyQuestion) -> float | None:
        """Return the shortest reach of the patterns that ask a question, None if none does.

        What lies closer together than that no window can tell apart.
        """
        reaches = [reach_of(one) for one in self._all if question in one.questions]
        return min(reaches, default=None)

    def span_of_merges(self) -> float | None:
        """Return the shortest reach of the patterns for which it counts that accounts merge."""
        asked = [(one, one.questions) for one in self._all]
        heed = [one for one, of in asked if asks_activity(of) or CANCELLATIONS in of]
        return min(map(reach_of, heed), default=None)

    def drain(self) -> tuple[list[Outcome], list[AccountFinding]]:
        """Return what became known since the last call."""
        taken = (self._outcomes, self._findings.copy())
        self._outcomes = []
        self._findings.clear()
        return taken

    def drain_good(self) -> tuple[GoodOutcomes, ...]:
        """Return what was told in columns since the last call."""
        taken, self._good = tuple(self._good), []
        return taken

    def settle_reached(self, index: int, reached: Iterable[Sold], changed: set[AccountId]) -> None:
        """Settle sales that have just reached a window.

        `index` says which of the enabled patterns it is. Those that were settled or closed before
        are passed over; the ids of the others' accounts are added to `changed`.
        """
        pattern, shift = self._patterns[index], 2 * index
        good_verdict = int(Verdict.GOOD) << shift
        rows = [sold for sold in reached if not sold.sale.verdicts & 3 << shift]
        if not rows:
            return
        name, emit, pending = pattern.name, self._outcomes.append, Verdict.PENDING
        good = None if self.commissions.asks(index) else Verdict.GOOD
        self.at_once.tell_reached(index, rows)
        sales = self._asked.sales(rows, index)
        judged = self._judge(index, sales, anew=True)
        for sold, end, number in zip(rows, sales.end.tolist(), judged, strict=True):
            sale, account_id = sold.sale, sold.account_id
            if number == good:  # nearly all: emitted without asking what else there is to emit
                emit(
                    Outcome(
                        name,
                        sale.sale_id,
                        sale.agent_id,
                        sale.cell,
                        end,
                        end,
                        Verdict.GOOD,
                        (),
                        pending,
                        account_of(account_id),
                        sale.batch,
                        site=sale.site,
                        team=sale.team,
                    )
                )
                sale.verdicts |= good_verdict
            else:
                verdict = Verdict(number)
                self._emit(account_id, sold.account, sale, index, verdict, end)
                sale.set_verdict(index, verdict)
                self.exclusions.note(pattern, sold, self.windows[index], Seconds(end))
            changed.add(account_id)

    def verdicts_on(self, index: int, sales: Sales) -> Verdicts:
        """Return the verdicts of a pattern, by its number, on sales that it never judged before.

        Those that are bad are not counted yet: they are to be settled one by one.
        """
        pattern = self._patterns[index]
        verdicts = self.exclusions.screened(pattern, sales, pattern.judged(sales))
        self._cover(index, sales, int(np.count_nonzero(verdicts != Verdict.BAD)))
        return verdicts

    def tell_good(self, outcomes: GoodOutcomes) -> None:
        """Emit that sales have been found good when their windows ended."""
        # Those of a day are taken together: in a part of their own, nothing is made of them twice.
        days = np.diff(np.floor_divide(outcomes.matured_at, DAY))
        for start, end in pairwise([0, *(np.flatnonzero(days) + 1).tolist(), len(outcomes)]):
            if start < end:
                self._good.append(outcomes[start:end])

    def settle(
        self,
        account_id: AccountId,
        account: Account,
        sale: SaleRecord,
        index: int,
        known_at: Seconds,
    ) -> None:
        """Ask for the verdict on a sale whose window has passed, and emit it if it is a new one.

        `index` says which of the enabled patterns it is; `known_at` is when the verdict became
        known: when the window ended, or the watermark if a late event brought it.
        """
        pattern, sold = self._patterns[index], Sold(sale, account_id, account)
        sales = self._asked.sales([sold], index)
        verdict = Verdict(self._judge(index, sales, anew=sale.is_pending(index))[0])
        if verdict is not sale.verdict(index):
            self._emit(account_id, account, sale, index, verdict, known_at)
            sale.set_verdict(index, verdict)
            if verdict is Verdict.EXCLUDED:
                self.exclusions.note(pattern, sold, self.windows[index], known_at)

    def settle_again(
        self,
        account_id: AccountId,
        account: Account,
        watermark: Seconds,
        sales: Sequence[SaleRecord],
    ) -> None:
        """Settle some sales of an account whose windows had passed when a late event came.

        Not those too old for any accepted event: what their verdicts rested on may be forgotten.
        """
        changeable = [sale for sale in sales if sale.at + self._changeable_for >= watermark]
        self.at_once.tell_again(account_id, account, watermark, changeable)
        if len(changeable) > FEW:
            changeable = self._changed(account_id, account, watermark, changeable)
        for sale in changeable:
            for index, window in enumerate(self.windows):
                if sale.at + window < watermark:
                    self.settle(account_id, account, sale, index, watermark)

    def _changed(
        self, account_id: AccountId, account: Account, watermark: Seconds, sales: list[SaleRecord]
    ) -> list[SaleRecord]:
        """Return, of many sales, those whose verdict is another one now, judged together."""
        changed = set[int]()
        for index, window in enumerate(self.windows):
            passed = [n for n, sale in enumerate(sales) if sale.at + window < watermark]
            if not passed:
                continue
            rows = [Sold(sales[number], account_id, account) for number in passed]
            asked = self._asked.sales(rows, index)
            verdicts = self._judge(index, asked, anew=False)
            changed.update(
                number
                for number, verdict in zip(passed, verdicts, strict=True)
                if verdict != sales[number].verdict(index) or sales[number].is_pending(index)
            )
        return [sales[number] for number in sorted(changed)]

    def _judge(self, index: int, sales: Sales, *, anew: bool) -> list[int]:
        """Return the verdicts; `anew` says that the sales were never judged before."""
        if anew:
            self._cover(index, sales, len(sales))
        return self.exclusions.judged(self._patterns[index], sales)

    def _cover(self, index: int, sales: Sales, judged: int) -> None:
        """Count sales that a pattern judged for the first time, and those it knew too little of.

        Those that look across accounts are told with the first of the others.
        """
        for one in (self._patterns[index], *(self._across if index == 0 else ())):
            if one.is_covered:
                self._judged(one.name, judged, int(one.unknown(sales).sum()))

    def take_back(
        self,
        account_id: AccountId,
        sale: SaleRecord,
        known_at: Seconds,
        *,
        by_activity: bool = False,
    ) -> None:
        """Take back what was said of a sale: everything, or by patterns that ask for activity."""
        for index, window in enumerate(self.windows):
            if by_activity and not asks_activity(self._patterns[index].questions):
                continue
            self.at_once.take_back(index, account_id, sale, known_at)
            if sale.verdict(index) in (Verdict.GOOD, Verdict.BAD):
                known = max(sale.at + window, known_at)
                self._emit(account_id, _NOBODY, sale, index, Verdict.EXCLUDED, known)
                sale.set_verdict(index, Verdict.EXCLUDED)

    def close(self, sale: SaleRecord) -> None:
        """Let a sale that another record has replaced never be settled again."""
        for index in range(len(self.windows)):
            sale.set_verdict(index, Verdict.EXCLUDED)

    def _emit(
        self,
        account_id: AccountId,
        account: Account,
        sale: SaleRecord,
        index: int,
        verdict: Verdict,
        known_at: Seconds,
    ) -> None:
        if self.commissions.asks(index):
            self.commissions.tell(account_id, sale, index, verdict, known_at)
            return
        pattern, before = self._patterns[index], sale.verdict(index)
        matured_at = sale.at + self.windows[index]
        bad = verdict is Verdict.BAD
        event_ids = pattern.evidence_events(account, sale, matured_at) if bad else ()
        ending = pattern.ending(account, sale, matured_at) if bad else None
        if before is not Verdict.PENDING or verdict is not Verdict.EXCLUDED:
            self._outcomes.append(
                Outcome(
                    pattern.name,
                    sale.sale_id,
                    sale.agent_id,
                    sale.cell,
                    matured_at,
                    known_at,
                    verdict,
                    event_ids,
                    before,
                    account_of(account_id),
                    sale.batch,
                    NOT_ENDED if ending is None else ending.at,
                    (stake_of(sale),) if bad else (),
                    sale.site,
                    sale.team,
                )
            )
        if bad or before is Verdict.BAD:
            self.at_once.tell_at_end(index, Sold(sale, account_id, account), known_at, bad=bad)
