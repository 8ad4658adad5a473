"""What a ledger of accounts tells the ledgers of keys: its sales, and what it takes back."""

from typing import Final

from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import SaleRecord
from detectors.facts.apart import account_of
from detectors.facts.contact import ADDRESS, CONTRADICTED, joined, known
from detectors.facts.mention import Mention
from detectors.facts.questions import keys_asked
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
        self.contacts: Final = frozenset({*self._keys, ADDRESS} if self._keys else ())
        self._told: list[Mention] = []

    def drain(self) -> list[Mention]:
        """Return what was told since the last call."""
        told, self._told = self._told, []
        return told

    def tell(self, account_id: AccountId, sale: SaleRecord, watermark: Seconds) -> None:
        """Tell a sale that holds; it is late if it was made before the watermark."""
        self._say(account_id, sale, watermark, void=False)

    def repeat(
        self, account_id: AccountId, known_as: SaleRecord, claim: SaleRecord, watermark: Seconds
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
        self.tell(account_id, known_as, watermark)
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
        elif any(known_as.contact) and known_as.at < watermark:
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
        sale.contact = CONTRADICTED if sale.contact else ()

    def _say(
        self,
        account_id: AccountId,
        sale: SaleRecord,
        watermark: Seconds,
        *,
        void: bool,
        unless: tuple[int, ...] = (),
    ) -> None:
        """Mention a sale under every value that is known; not those that it has in `unless` too."""
        for field in self._keys:
            value = known(sale.contact, field)
            if value and sale.customer and value != known(unless, field):
                plain = structs.replace(
                    sale,
                    verdicts=0,
                    revisions=(),
                    contested=0,
                    claimants=(),
                    is_undecided=False,
                    corrected=0,
                    former=(),
                    dispute=None,
                )
                known_at = max(sale.at, watermark)
                whose = account_of(account_id)
                self._told.append(Mention(field, value, whose, plain, known_at, void))
