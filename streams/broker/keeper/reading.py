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
    return read_cases(bootstrap, prefix, security, only=case_id).get(case_id)


def read_cases(
    bootstrap: str, prefix: str, security: BrokerSecurity, *, only: str | None = None
) -> dict[str, Case]:
    """Return the newest state of every case by its id, or of one; errors as `read_case`."""
    newest: dict[str, Case] = {}
    topic = topic_name(prefix, Topic.CASES_CURRENT)
    with closing(read_topic(bootstrap, topic, security=security)) as records:
        for record in records:
            case_id = (record.key or b"").decode(errors="replace")
            if only not in (None, case_id):
                continue
            if record.value is None:
                newest.pop(case_id, None)
                continue
            case = _case_in(record.value)
            known = newest.get(case_id)
            # Who lags may say an older state once more.
            if case is not None and (known is None or case.version >= known.version):
                newest[case_id] = case
    return newest


def _case_in(value: bytes) -> Case | None:
    try:
        return _decode(value)
    # Nesting without end is no error of msgspec's own.
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
