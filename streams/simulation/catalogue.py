"""What the simulated centre sells, and where: products with their honest rates, sites, channels."""

from typing import Final

import msgspec


class Product(msgspec.Struct, frozen=True):
    """A product with its honest rates.

    `quick_cancellation` is the share cancelled by customers within ten days, `unused` the share of
    accounts without a customer's activity within thirty; `commission` is a share of the price.
    """

    name: str
    quick_cancellation: float
    unused: float
    price: float
    commission: float


class Site(msgspec.Struct, frozen=True):
    """A site; its agents sell for nine hours from `opens_at` (hour of the day, UTC)."""

    name: str
    opens_at: float


PRODUCTS: Final = (
    Product("broadband", quick_cancellation=0.02, unused=0.02, price=480.0, commission=0.04),
    Product("mobile_line", quick_cancellation=0.04, unused=0.04, price=300.0, commission=0.06),
    Product("credit_card", quick_cancellation=0.06, unused=0.08, price=90.0, commission=0.20),
    Product("device_cover", quick_cancellation=0.13, unused=0.05, price=120.0, commission=0.15),
)
MARKET_MIX: Final = (0.30, 0.32, 0.24, 0.14)
"""Share of each product over the whole market, in the order of `PRODUCTS`."""

SITES: Final = (Site("leeds", 8.0), Site("porto", 9.0), Site("krakow", 6.5))
AGENTS_A_TEAM: Final = 12

SPOKEN_CHANNEL: Final = "phone"
CHANNELS: Final = (SPOKEN_CHANNEL, "web_assisted", "branch")
CHANNEL_MIX: Final = (0.62, 0.26, 0.12)
SELF_SERVICE_CHANNEL: Final = "web"
