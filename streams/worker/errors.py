"""What can go wrong with the host of the stages, and which failures are told by their sentence."""

from aiokafka.errors import KafkaError

from detectors.basis.errors import AboveboardError


class BrokerGone(AboveboardError):
    """The broker has not answered for longer than the settings allow."""


class EngineFailure(AboveboardError):
    """Faust gave up; the cause says why."""


def is_expected(error: BaseException) -> bool:
    """Whether the sentence of a failure says enough; the traceback of any other one is wanted."""
    if isinstance(error, EngineFailure) and error.__cause__ is not None:
        return is_expected(error.__cause__)
    return isinstance(error, (AboveboardError, KafkaError))
