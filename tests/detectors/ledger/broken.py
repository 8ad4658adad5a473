"""Ledgers that each break one law."""

import msgspec

from detectors.events import AnyEvent, Cancellation, Sale
from detectors.ledger.stage import Ledger
from detectors.settings import Settings


class CountsRepeats(Ledger):
    """Takes every record of a sale for another sale."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._records = 0

    def merge(self, event: AnyEvent, at: float) -> bool:
        if isinstance(event, Sale):
            self._records += 1
            sale_id = f"{event.sale_id} record {self._records}"
            return super().merge(msgspec.structs.replace(event, sale_id=sale_id), at)
        return super().merge(event, at)


class SettlesAtArrival(Ledger):
    """Believes that everything before an event has been seen when the event is."""

    def merge(self, event: AnyEvent, at: float) -> bool:
        self.advance(at)
        return super().merge(event, at)


class TellsCancellationsAtOnce(Ledger):
    """Does not wait for the window of a sale that was cancelled: bad news arrives first."""

    def merge(self, event: AnyEvent, at: float) -> bool:
        changed = super().merge(event, at)
        account = self.account(event.account_id)
        if isinstance(event, Cancellation) and account is not None:
            for sale in account.sales:
                self._settlement.settle(event.account_id, account, sale, 0, at)
        return changed


class ForgetsTooEarly(Ledger):
    """Forgets an account when its last window has passed, though corrections are accepted."""

    def _settle_what_is_due(self) -> None:
        super()._settle_what_is_due()
        for account_id, account in list(self._accounts.items()):
            if not any(sale.is_pending(index) for sale in account.sales for index in (0, 1)):
                del self._accounts[account_id]


class NeverCorrects(Ledger):
    """Holds on to what it has said."""

    def _correct(self, account_id: str) -> None:
        pass
