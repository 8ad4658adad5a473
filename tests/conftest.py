"""What every test can have."""

from tests.brokers.fixtures import (  # noqa: F401 - pytest finds fixtures and hooks by name here
    any_broker,
    broker,
    broker_pool,
    pytest_terminal_summary,
    secured,
)
from tests.promtool import promtool  # noqa: F401 - as above
