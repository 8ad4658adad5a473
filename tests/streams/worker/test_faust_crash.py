"""Why Faust gave up is what the worker ends for, not what comes of it."""

from typing import NamedTuple

import pytest

from streams.broker.client_errors import ConsumerStoppedError, KafkaError
from streams.errors import FaustFailed, LogTooShort, MembershipLost
from streams.worker.faust_crash import reason_behind


class App(NamedTuple):
    """An application of Faust that runs, or has given up for a reason."""

    crash_reason: BaseException | None = None

    @property
    def crashed(self) -> bool:
        return self.crash_reason is not None


@pytest.mark.parametrize("told", [ConsumerStoppedError(), KafkaError("connection closed")])
def test_a_log_that_is_lost_is_hidden_by_no_echo(told: Exception) -> None:
    reason = LogTooShort("sales ends early")
    assert reason_behind(told, App(reason)) is reason


def test_a_thread_that_has_stopped_is_the_echo_of_why_it_has() -> None:
    cause = KafkaError("the broker is away")
    found = reason_behind(ConsumerStoppedError(), App(cause))
    assert isinstance(found, FaustFailed)
    assert found.__cause__ is cause


@pytest.mark.parametrize("app", [App(), App(KafkaError("connection closed"))])
def test_what_comes_of_the_end_hides_no_reason(app: App) -> None:
    """A worker that ends takes its clients away, which may then give up as well."""
    lost = MembershipLost("the group has not been heard of")
    assert reason_behind(lost, app) is lost


def test_an_echo_of_nothing_is_told_as_it_is() -> None:
    echo = ConsumerStoppedError()
    assert reason_behind(echo, App()) is echo
