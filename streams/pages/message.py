"""One request and one answer of HTTP as bytes: as much of it as three pages need.

A connection carries one request. So no request has a body that would have to be read, and none can
hide behind another.
"""

import re
from email.utils import formatdate
from http import HTTPStatus
from typing import Final, NamedTuple

from streams.pages.answer import Answer

LARGEST_HEAD: Final = 16_384
"""The most bytes of a request's line and headers together."""

ALLOWED: Final = ("GET", "HEAD")

_END: Final = re.compile(rb"\r?\n\r?\n")
_LONGEST_END: Final = 4

_REQUEST_LINE: Final = re.compile(r"([A-Z]{1,32}) ([^ ]+) HTTP/1\.[01]")

# A bare carriage return in a header that an answer repeats would be a header of the client's.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Request(NamedTuple):
    """What a client asks for; ``accept`` is what its ``Accept`` headers say."""

    method: str
    path: str
    accept: str


def end_of_head(received: bytearray, before: int) -> int | None:
    """Return where the head of a request ends, None if that has not come yet.

    `before` is how much was searched already: a client that sends single bytes would let every one
    cost a search through all of them.
    """
    found = _END.search(received, max(0, before - _LONGEST_END))
    return None if found is None else found.start()


def parse_head(head: bytes) -> Request | None:
    """Return the request with this head, None if it is none."""
    line, *headers = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    found = _REQUEST_LINE.fullmatch(line)
    if found is None or any(_CONTROL.search(text) for text in (line, *headers)):
        return None
    method, target = found.groups()
    pairs = (header.partition(":") for header in headers)
    accept = ",".join(value.strip() for name, _, value in pairs if name.lower() == "accept")
    return Request(method, target.partition("?")[0], accept)


def encode_answer(answer: Answer, *, with_body: bool = True) -> bytes:
    """Return an answer as bytes; after it the connection ends."""
    headers = {
        "Date": formatdate(usegmt=True),
        "Server": "aboveboard",
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        "Cache-Control": "no-store",
        # No browser is to take a page for anything but its type: ids in it come from event logs.
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
    }
    if answer.status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(ALLOWED)
    lines = [f"HTTP/1.1 {answer.status.value} {answer.status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1") + (answer.body if with_body else b"")
