"""What a ledger of accounts tells the ledgers of keys: its sales, and what it takes back."""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.apart import account_of
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.contact import AGENT, CONTRADICTED, Contact, joined, value_of
from detectors.facts.mention import Mention
from detectors.facts.named import named
from detectors.facts.questions import CANCELLATIONS, keys_asked, values_asked
from detectors.facts.uses import Times
from detectors.settings import Settings


class Mentions:
    """Collects mentions until they are drained; none if no enabled pattern looks across accounts.

    Attributes
    ----------
    contacts
        The fields of a sale that are kept for this.
    """

    def __init__(self, settings: Settings) -> None:
        patterns = settings.patterns.across_accounts()
        self._keys: Final = keys_asked(q for p in patterns for q in p.questions)
        self.contacts: Final = values_asked(q for p in patterns for q in p.questions)
        asking = [pattern for pattern in patterns if CANCELLATIONS in pattern.questions]
        self._keys_of_cancellations: Final = keys_asked(q for p in asking for q in p.questions)
        self._heeds_merges: Final = settings.corrections.merges
        self._span: Final = max([seconds_of(pattern.looks_back) for pattern in asking], default=0.0)
        self._told: list[Mention] = []

    def drain(self) -> list[Mention]:
        """Return what was told since the last call."""
        told, self._told = self._told, []
        return told

    def tell(
        self, account_id: AccountId, account: Account, sale: SaleRecord, watermark: Seconds
    ) -> None:
        """Tell a sale that holds; it is late if it was made before the watermark."""
        self._say(account_id, sale, watermark, void=False)
        if account.cancellations and self._keys_of_cancellations:
            for record in named(account.cancellations, sale.sale_id):
                self._say_cancelled(account_id, sale, record, watermark)
        if account.merges:
            self._say_merged(account_id, sale, account.merges, watermark)

    def merged(
        self, account_id: AccountId, account: Account, at: Seconds, watermark: Seconds
    ) -> None:
        """Tell of sales that hold that their account became part of another one at a time."""
        for sale in account.sales:
            self._say_merged(account_id, sale, (at,), watermark)

    def cancelled(
        self,
        account_id: AccountId,
        account: Account,
        record: CancellationRecord,
        watermark: Seconds,
    ) -> None:
        """Tell a cancellation of sales that hold; it is late as they are."""
        if self._keys_of_cancellations:
            for sale in named(account.sales, record.sale_id):
                self._say_cancelled(account_id, sale, record, watermark)

    def repeat(
        self,
        account_id: AccountId,
        account: Account,
        known_as: SaleRecord,
        claim: SaleRecord,
        watermark: Seconds,
    ) -> bool:
        """Hear a claim about a sale that holds as another one tells it; return whether it matters.

        It does if it names a value that was unknown until now, or contradicts one.
        """
        if not (self._keys and known_as.is_told_as(claim)):
            return False
        contact = joined(known_as.contact, claim.contact)
        if contact == known_as.contact:
            return False
        self._say(account_id, known_as, watermark, void=True, unless=contact)
        known_as.contact = contact
        self.tell(account_id, account, known_as, watermark)
        return True

    def replace(
        self, account_id: AccountId, known_as: SaleRecord, record: SaleRecord, watermark: Seconds
    ) -> None:
        """Take back what was told of a sale, which an earlier claim has replaced.

        Once it was told, a claim of another time or place cannot be told as well: then
        two keys would speak of one sale, and what is said of it would depend on who is heard first.
        """
        self._say(account_id, known_as, watermark, void=True)
        if known_as.is_told_as(record):
            record.contact = joined(record.contact, known_as.contact)
        elif known_as.at < watermark and self._may_be_told(known_as):
            record.contact = CONTRADICTED

    def correct(
        self, account_id: AccountId, known_as: SaleRecord, record: SaleRecord, watermark: Seconds
    ) -> None:
        """Take back what was told of a sale before a record of a greater version corrected it.

        In time nothing of it was told, and all that the record says holds.
        """
        if known_as.at < watermark:
            self.replace(account_id, known_as, record, watermark)
        else:
            self.take_back_claim(account_id, known_as, watermark)

    def take_back_claim(self, account_id: AccountId, claim: SaleRecord, watermark: Seconds) -> None:
        """Take a claim back that another version has corrected, be it that it was never told."""
        self._say(account_id, claim, watermark, void=True)

    def take_back(self, account_id: AccountId, sale: SaleRecord, watermark: Seconds) -> None:
        """Take back what was told of a sale of which nobody knows which claim holds."""
        self._say(account_id, sale, watermark, void=True)
        sale.contact = CONTRADICTED if self._may_be_told(sale) else ()

    def _may_be_told(self, sale: SaleRecord) -> bool:
        """Return whether a sale, or one before it, may have been told under any value."""
        return any(sale.contact) or any(self._value(sale, field) for field in self._keys)

    def _value(self, sale: SaleRecord, field: str) -> int:
        return value_of(sale, sale.contact, field)

    def _say_cancelled(
        self,
        account_id: AccountId,
        sale: SaleRecord,
        record: CancellationRecord,
        watermark: Seconds,
    ) -> None:
        """Mention a sale with a cancellation of it, unless that lies too far away to matter."""
        if not sale.is_undecided and abs(record.at - sale.at) <= self._span:
            known_at = max(record.at, watermark)
            fields = self._keys_of_cancellations
            self._say(account_id, sale, known_at, void=False, fields=fields, cancelled=(record,))

    def _say_merged(
        self, account_id: AccountId, sale: SaleRecord, merges: Times, watermark: Seconds
    ) -> None:
        """Mention a sale with each merge of its account, where somebody asks what follows."""
        if not self._heeds_merges or sale.is_undecided:
            return
        for at in merges:
            fields, known_at = self._keys_of_cancellations, max(at, watermark)
            self._say(account_id, sale, known_at, void=False, fields=fields, merges=(at,))

    def _say(
        self,
        account_id: AccountId,
        sale: SaleRecord,
        watermark: Seconds,
        *,
        void: bool,
        unless: Contact | None = None,
        fields: Sequence[str] | None = None,
        cancelled: tuple[CancellationRecord, ...] = (),
        merges: Times = (),
    ) -> None:
        """Mention a sale under every value that is known; not those that it has in `unless` too.

        `fields` are those of the values, all if None.
        """
        asked, plain = self._keys if fields is None else fields, None
        for field in asked:
            value = self._value(sale, field)
            is_same = unless is not None and value == value_of(sale, unless, field)
            if value and (sale.customer or field == AGENT) and not is_same:
                plain = plain or _plain(sale)
                known_at = max(sale.at, watermark)
                whose = account_of(account_id)
                self._told.append(
                    Mention(field, value, whose, plain, known_at, void, cancelled, merges)
                )


def _plain(sale: SaleRecord) -> SaleRecord:
    """Return what a sale says, without what the ledger has told of it."""
    return structs.replace(
        sale,
        verdicts=0,
        revisions=(),
        opened=(),
        contested=0,
        claimants=(),
        is_undecided=False,
        corrected=0,
        former=(),
        dispute=None,
    )
