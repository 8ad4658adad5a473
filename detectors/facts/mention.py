"""What the ledger of accounts tells of a sale to the ledger of a key, such as that of its payer."""

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import SaleRecord
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.uses import Times


class Mention(Struct, frozen=True, array_like=True, gc=False):
    """A sale that holds, and a value by which patterns look across accounts.

    ``field`` is the field of the event that carries the value, ``value`` its hash. ``known_at``
    (seconds of event time) is when this became known: at the sale, or later if it came late.
    ``void`` takes an earlier mention back: another claim about the same sale has replaced it, or
    contradicts it. Mentions of one claim (account, sale, time and event) are a set in which the
    void one wins, so order and repeats do not matter. ``cancellations`` of the sale are told as
    they become known, each with the sale once more, if a pattern that looks across accounts by this
    field asks for them; those of all mentions of a sale are a set as well. So are ``merges``, when
    its account became part of another one.
    """

    field: str
    value: int
    account_id: AccountId
    sale: SaleRecord
    known_at: Seconds
    void: bool = False
    cancellations: tuple[CancellationRecord, ...] = ()
    merges: Times = ()

    @property
    def happened_at(self) -> Seconds:
        """When the first happened of what it tells (seconds), not before the sale."""
        if not self.cancellations and not self.merges:  # nearly always
            return self.sale.at
        times = [*(one.at for one in self.cancellations), *self.merges]
        return max(self.sale.at, min(times))
