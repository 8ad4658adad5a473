"""How each pattern that is off by default looks when somebody is planted for it."""

from typing import Final

from streams.simulation.planted.clawback_cliff import ClawbackCliff
from streams.simulation.planted.form import Form
from streams.simulation.planted.key.reopened import Reopened
from streams.simulation.planted.key.shared_contact import SharedAddress, SharedEmail, SharedPhone
from streams.simulation.planted.key.shared_payer import SharedPayer
from streams.simulation.planted.key.slamming import Slamming
from streams.simulation.planted.key.stacking import Stacking
from streams.simulation.planted.key.twisting import Twisting
from streams.simulation.planted.pushed_sale import PushedSale

_FORMS: Final[tuple[Form, ...]] = (
    ClawbackCliff(),
    PushedSale(),
    Reopened(),
    SharedAddress(),
    SharedEmail(),
    SharedPayer(),
    SharedPhone(),
    Slamming(),
    Stacking(),
    Twisting(),
)

FORMS: Final[dict[str, Form]] = {form.pattern: form for form in _FORMS}
"""The registry: a form is one line, and is found by the name of its pattern."""
