"""Cases as they stand in ``cases-current``."""

from contextlib import closing
from typing import Final

import msgspec

from detectors.cases.case import Case
from streams.broker.reader import read_topic
from streams.broker.security import BrokerSecurity
from streams.wire.topics import Topic, topic_name

_decode: Final = msgspec.json.Decoder(Case).decode


def read_case(bootstrap: str, prefix: str, case_id: str, security: BrokerSecurity) -> Case | None:
    """Return the newest state of a case; None if none was told, or it was deleted.

    Records of other programs are passed over.

    Raises
    ------
    BrokerError
        The broker does not answer, or has no such topic.
    """
    key = case_id.encode()
    newest: Case | None = None
    topic = topic_name(prefix, Topic.CASES_CURRENT)
    with closing(read_topic(bootstrap, topic, security=security)) as records:
        for record in records:
            if record.key != key:
                continue
            case = None if record.value is None else _case_in(record.value)
            if record.value is None:
                newest = None
            # What was frozen may say an older state once more.
            elif case is not None and (newest is None or case.version >= newest.version):
                newest = case
    return newest


def _case_in(value: bytes) -> Case | None:
    try:
        return _decode(value)
    # Nesting without end is no error of msgspec's own.
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
