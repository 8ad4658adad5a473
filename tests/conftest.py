"""What every test can have."""

from hypothesis import settings

from tests.brokers.fixtures import (  # noqa: F401 - pytest finds fixtures and hooks by name here
    any_broker,
    broker,
    broker_pool,
    pytest_terminal_summary,
    secured,
)

# A busy machine, and code that is compiled on first use, are no failures of what is tested.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
