"""How each pattern that is off by default looks when somebody is planted for it."""

from typing import Final

from streams.simulation.planted.clawback_cliff import ClawbackCliff
from streams.simulation.planted.form import Form
from streams.simulation.planted.pushed_sale import PushedSale
from streams.simulation.planted.shared_payer import SharedPayer

_FORMS: Final[tuple[Form, ...]] = (
    ClawbackCliff(),
    PushedSale(),
    SharedPayer(),
)

FORMS: Final[dict[str, Form]] = {form.pattern: form for form in _FORMS}
"""The registry: a form is one line, and is found by the name of its pattern."""
