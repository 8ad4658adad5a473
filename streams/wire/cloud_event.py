"""CloudEvents 1.0 attributes in the headers of a record (Kafka protocol binding, binary mode)."""

import string
from datetime import datetime
from typing import Final
from urllib.parse import quote

_PLAIN: Final = (string.ascii_letters + string.digits + string.punctuation).translate(
    str.maketrans("", "", '"%/')
)
"""What stands in a subject as it is, as the HTTP binding of CloudEvents has it."""


def cloud_event(
    event_id: str, kind: str, subject: tuple[str, str], at: datetime
) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of a record.

    Parameters
    ----------
    event_id
        The same whenever the same thing is told.
    kind
        What is told, such as ``alert.open``.
    subject
        The type and the id of what it is about. The id is percent-encoded: sources choose it, and
        CloudEvents forbid control characters. Its slashes are too, so that the first slash ends the
        type.
    at
        When it came to be.
    """
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_source": "/aboveboard",
        "ce_type": f"aboveboard.{kind}.v1",
        "ce_subject": f"{subject[0]}/{quote(subject[1], safe=_PLAIN)}",
        "ce_time": at.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    return tuple((name, value.encode()) for name, value in attributes.items())
