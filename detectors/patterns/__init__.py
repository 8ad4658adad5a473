"""Patterns: what is suspicious. How sure we are is the business of `detectors.evidence`."""

from operator import attrgetter
from typing import Any

from msgspec import Struct

from detectors.basis.identifiers import PatternName
from detectors.events.event import ActivityKind
from detectors.facts.acts import ActKind
from detectors.facts.questions import acts_asked
from detectors.patterns.account.burst import Burst, BurstPattern
from detectors.patterns.account.clawback_cliff import ClawbackCliff
from detectors.patterns.account.contact_put_back import ContactPutBack
from detectors.patterns.account.denied_sale import DeniedSale
from detectors.patterns.account.edited_contact import EditedContact
from detectors.patterns.account.excluded_share import ExcludedShare
from detectors.patterns.account.failed_verification import FailedVerification
from detectors.patterns.account.fee_at_exit import FeeAtExit
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.account.self_cancelled import SelfCancelled
from detectors.patterns.account.simulated_funding import SimulatedFunding
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.patterns.early import EarlyPattern, early_tier
from detectors.patterns.judged import Pattern
from detectors.patterns.key.access_without_contact import AccessWithoutContact
from detectors.patterns.key.off_hours import OffHours
from detectors.patterns.key.one_verifier import OneVerifier
from detectors.patterns.key.own_contact import OwnContact
from detectors.patterns.key.period_end import PeriodEnd
from detectors.patterns.key.reopened import Reopened
from detectors.patterns.key.sales_without_traffic import SalesWithoutTraffic
from detectors.patterns.key.shared_address import SharedAddress
from detectors.patterns.key.shared_email import SharedEmail
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.patterns.key.shared_phone import SharedPhone
from detectors.patterns.key.slamming import Slamming
from detectors.patterns.key.stacking import Stacking
from detectors.patterns.key.twisting import Twisting
from detectors.patterns.pattern import SaleEnding, SalePattern
from detectors.patterns.reach import reach_of
from detectors.patterns.sale.bait_and_switch import BaitAndSwitch
from detectors.patterns.sale.no_consent import NoConsent
from detectors.patterns.sale.no_need import NoNeed
from detectors.patterns.sale.no_recap import NoRecap
from detectors.patterns.sale.own_verification import OwnVerification
from detectors.patterns.sale.pitch_to_unhappy import PitchToUnhappy
from detectors.patterns.sale.pushed_sale import PushedSale
from detectors.patterns.sale.sandbagging import Sandbagging
from detectors.patterns.sale.sold_over_refusal import SoldOverRefusal
from detectors.patterns.sale.undisclosed_fee import UndisclosedFee

__all__ = [
    "BurstPattern",
    "EarlyPattern",
    "Pattern",
    "Patterns",
    "SaleEnding",
    "SalePattern",
]


class Patterns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The registry: a pattern is one line here, named as in the settings.

    The order of the lines says nothing. Patterns go by their names, so that one more line, or
    another order, moves no bit of any state.
    """

    quick_cancellation: QuickCancellation = QuickCancellation()
    unused_account: UnusedAccount = UnusedAccount()
    burst: Burst = Burst()
    pushed_sale: PushedSale = PushedSale()
    bait_and_switch: BaitAndSwitch = BaitAndSwitch()
    no_consent: NoConsent = NoConsent()
    no_need: NoNeed = NoNeed()
    no_recap: NoRecap = NoRecap()
    own_verification: OwnVerification = OwnVerification()
    pitch_to_unhappy: PitchToUnhappy = PitchToUnhappy()
    sandbagging: Sandbagging = Sandbagging()
    sold_over_refusal: SoldOverRefusal = SoldOverRefusal()
    undisclosed_fee: UndisclosedFee = UndisclosedFee()
    denied_sale: DeniedSale = DeniedSale()
    edited_contact: EditedContact = EditedContact()
    contact_put_back: ContactPutBack = ContactPutBack()
    failed_verification: FailedVerification = FailedVerification()
    fee_at_exit: FeeAtExit = FeeAtExit()
    self_cancelled: SelfCancelled = SelfCancelled()
    simulated_funding: SimulatedFunding = SimulatedFunding()
    clawback_cliff: ClawbackCliff = ClawbackCliff()
    shared_payer: SharedPayer = SharedPayer()
    shared_email: SharedEmail = SharedEmail()
    shared_phone: SharedPhone = SharedPhone()
    shared_address: SharedAddress = SharedAddress()
    own_contact: OwnContact = OwnContact()
    reopened: Reopened = Reopened()
    stacking: Stacking = Stacking()
    twisting: Twisting = Twisting()
    slamming: Slamming = Slamming()
    access_without_contact: AccessWithoutContact = AccessWithoutContact()
    one_verifier: OneVerifier = OneVerifier()
    period_end: PeriodEnd = PeriodEnd()
    sales_without_traffic: SalesWithoutTraffic = SalesWithoutTraffic()
    off_hours: OffHours = OffHours()
    excluded_share: ExcludedShare = ExcludedShare()

    def on_sales(self) -> tuple[SalePattern, ...]:
        """Return the enabled patterns by which the ledger judges sales, in the order of names."""
        registered: list[Any] = [getattr(self, name) for name in self.__struct_fields__]
        patterns = [one for one in registered if isinstance(one, SalePattern) and one.enabled]
        return tuple(sorted(patterns, key=attrgetter("name")))

    def across_accounts(self) -> tuple[SalePattern, ...]:
        """Return those of them that look across accounts, by a key."""
        return tuple(pattern for pattern in self.on_sales() if pattern.key is not None)

    def longest(self) -> float:
        """Return for how many seconds after a sale some enabled pattern may ask of its account."""
        return max(reach_of(pattern) for pattern in self.on_sales())

    def kinds_of_use(self) -> frozenset[ActivityKind]:
        """Return the kinds of activity that are use of an account, if its customer does them."""
        return frozenset(self.unused_account.use)

    def kinds_of_acts(self) -> frozenset[ActKind]:
        """Return the kinds of activity that enabled patterns look at one by one."""
        return acts_asked(question for one in self.on_sales() for question in one.questions)

    def bursts(self) -> BurstPattern | None:
        """Return the pattern that is derived from outcomes of ``quick_cancellation``, if any."""
        source = self.quick_cancellation
        if not (self.burst.enabled and source.enabled):
            return None
        return BurstPattern(
            source.window, self.burst.size, source.explanations_checked, self.burst.weight
        )

    def most_on_a_day(self) -> int:
        """Return how many sales undone on one day are a burst; without the pattern, by default."""
        return self.burst.size if self.burst.enabled else Burst().size

    def enabled(self) -> tuple[Pattern, ...]:
        """Return all patterns the settings ask for: those on sales, then what they give."""
        bursts = self.bursts()
        return self.on_sales() if bursts is None else (*self.on_sales(), bursts)

    def early_tiers(self) -> tuple[EarlyPattern, ...]:
        """Return the early tiers of the enabled patterns."""
        return tuple(early_tier(pattern) for pattern in self.on_sales() if pattern.early)

    def tier(self, name: PatternName) -> Pattern:
        """Return what goes by a name in alerts: an enabled pattern, or the early tier of one.

        Raises
        ------
        KeyError
            If nothing that is enabled has this name.
        """
        tiers: tuple[Pattern, ...] = (*self.enabled(), *self.early_tiers())
        return {tier.name: tier for tier in tiers}[name]
