"""When a ledger has to look at an account again."""

import heapq
from collections.abc import Iterable, Mapping

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account


class Deadlines(list[tuple[Seconds, AccountId]]):
    """A heap of moments, each with an account; one that is forgotten by then is passed over."""

    def plan(
        self, account_id: AccountId, moments: Iterable[Seconds], since: Seconds = BEGINNING
    ) -> None:
        """Look at an account after each of some moments, but for those before `since`."""
        for at in moments:
            if at >= since:
                heapq.heappush(self, (at, account_id))

    def passed(
        self, watermark: Seconds, accounts: Mapping[AccountId, Account]
    ) -> dict[AccountId, Account]:
        """Return the accounts whose moments lie before `watermark`, once."""
        due: dict[AccountId, Account] = {}
        while self and self[0][0] < watermark:
            _, account_id = heapq.heappop(self)
            if account_id in accounts:
                due[account_id] = accounts[account_id]
        return due
