"""What the ledger of accounts tells of a sale to the ledger of a key, such as that of its payer."""

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import SaleRecord


class Mention(Struct, frozen=True, array_like=True, gc=False):
    """A sale that holds, and a value by which patterns look across accounts.

    ``field`` is the field of the event that carries the value, ``value`` its hash. ``known_at``
    (seconds of event time) is when this became known: at the sale, or later if it came late.
    ``void`` takes an earlier mention back: another claim about the same sale has replaced it, or
    contradicts it. Mentions of one claim (account, sale, time and event) are a set in which the
    void one wins, so order and repeats do not matter.
    """

    field: str
    value: int
    account_id: AccountId
    sale: SaleRecord
    known_at: Seconds
    void: bool = False
