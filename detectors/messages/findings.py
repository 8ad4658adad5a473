"""Findings about single accounts: hard evidence, of which an alert of its own tells."""

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, PatternName
from detectors.facts.account import SaleRecord
from detectors.facts.other_sites import OtherSites


class AccountFinding(Struct, frozen=True, array_like=True, gc=False):
    """That a sale is bad, or (``withdrawn``) no longer is; ``revision`` counts what was said of it.

    ``known_at`` (seconds of event time) is when the sale's window ended, or before that when it was
    certain, for patterns that tell at once; or the watermark at which a late event changed it.
    ``opened_at`` is when it was known first, but for what was late. ``event_ids`` are those a
    reader needs to check it. ``other_sites`` are those whose feeds may tell of the account as well.
    """

    pattern: PatternName
    account_id: AccountId
    sale: SaleRecord
    revision: int
    known_at: Seconds
    withdrawn: bool
    event_ids: tuple[str, ...]
    opened_at: Seconds
    other_sites: OtherSites = OtherSites()
