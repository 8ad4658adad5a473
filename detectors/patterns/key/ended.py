"""Whether what a customer had was still living when something took its place."""

from detectors.basis.event_time import Seconds
from detectors.facts.sales import Sold


def had_ended(old: Sold, before: Seconds) -> bool:
    """Return whether a sale had been cancelled as a whole before a time, and for another reason.

    That it is replaced may be booked a little before what replaces it.
    """
    return any(
        one.at < before and one.refund is None and one.reason != "replaced"
        for one in old.account.cancellations
    )
