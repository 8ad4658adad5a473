"""How each pattern that is off by default looks when somebody is planted for it."""

from typing import Final

from streams.simulation.planted.account.clawback_cliff import ClawbackCliff
from streams.simulation.planted.account.contact_put_back import ContactPutBack
from streams.simulation.planted.account.denied_sale import DeniedSale
from streams.simulation.planted.account.edited_contact import EditedContact
from streams.simulation.planted.account.excluded_share import ExcludedShare
from streams.simulation.planted.account.failed_verification import FailedVerification
from streams.simulation.planted.account.fee_at_exit import FeeAtExit
from streams.simulation.planted.account.self_cancelled import SelfCancelled
from streams.simulation.planted.account.simulated_funding import SimulatedFunding
from streams.simulation.planted.bait_and_switch import BaitAndSwitch
from streams.simulation.planted.form import Form
from streams.simulation.planted.key.access_without_contact import AccessWithoutContact
from streams.simulation.planted.key.off_hours import OffHours
from streams.simulation.planted.key.one_verifier import OneVerifier
from streams.simulation.planted.key.own_contact import OwnContact
from streams.simulation.planted.key.period_end import PeriodEnd
from streams.simulation.planted.key.reopened import Reopened
from streams.simulation.planted.key.sales_without_traffic import SalesWithoutTraffic
from streams.simulation.planted.key.shared_contact import SharedAddress, SharedEmail, SharedPhone
from streams.simulation.planted.key.shared_payer import SharedPayer
from streams.simulation.planted.key.slamming import Slamming
from streams.simulation.planted.key.stacking import Stacking
from streams.simulation.planted.key.twisting import Twisting
from streams.simulation.planted.no_consent import NoConsent
from streams.simulation.planted.no_need import NoNeed
from streams.simulation.planted.no_recap import NoRecap
from streams.simulation.planted.own_verification import OwnVerification
from streams.simulation.planted.pitch_to_unhappy import PitchToUnhappy
from streams.simulation.planted.pushed_sale import PushedSale
from streams.simulation.planted.sandbagging import Sandbagging
from streams.simulation.planted.sold_over_refusal import SoldOverRefusal
from streams.simulation.planted.undisclosed_fee import UndisclosedFee

_FORMS: Final[tuple[Form, ...]] = (
    AccessWithoutContact(),
    BaitAndSwitch(),
    ClawbackCliff(),
    ContactPutBack(),
    DeniedSale(),
    EditedContact(),
    ExcludedShare(),
    FailedVerification(),
    FeeAtExit(),
    NoConsent(),
    NoNeed(),
    NoRecap(),
    OffHours(),
    OneVerifier(),
    OwnContact(),
    OwnVerification(),
    PeriodEnd(),
    PitchToUnhappy(),
    PushedSale(),
    Reopened(),
    SalesWithoutTraffic(),
    SharedAddress(),
    SharedEmail(),
    Sandbagging(),
    SelfCancelled(),
    SharedPayer(),
    SimulatedFunding(),
    SoldOverRefusal(),
    UndisclosedFee(),
    SharedPhone(),
    Slamming(),
    Stacking(),
    Twisting(),
)

FORMS: Final[dict[str, Form]] = {form.pattern: form for form in _FORMS}
"""The registry: a form is one line, and is found by the name of its pattern."""
