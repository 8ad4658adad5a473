"""Chromium, for the tests that look at the desk as people do."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.brokers.selection import kafka_is_required
from tests.browser.windows import Windows


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give Debian's Chromium; where Kafka is demanded, so is Chromium.

    It is closed after each file: as long as it runs, no other test of the process could run a loop
    of its own.
    """
    program = shutil.which("chromium")
    if program is None:
        lacking = "Chromium is not here; on Debian the package chromium brings it"
        if kafka_is_required():
            pytest.fail(lacking, pytrace=False)
        pytest.skip(lacking)
    # Its sandbox does not run as root, as which CI runs; what it shows is ours.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def windows(chromium: Browser) -> Iterator[Windows]:
    """Give windows; what goes wrong in one fails the test."""
    found = Windows(chromium)
    yield found
    assert found.close() == []
