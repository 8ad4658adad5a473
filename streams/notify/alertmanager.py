"""One Alertmanager, told by its API v2."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec

from streams.errors import ReceiverFailed
from streams.notify.deliveries import Key, Message
from streams.notify.silences import Drop, FoundSilence, changes_of, comment, matchers_of
from streams.notify.web_client import Reply, Server
from streams.notify.wording import body_of

MOST_REFUSED: Final = 64
"""Alerts refused one by one in a round, after which the Alertmanager counts as failed: something
else is wrong then, and to part every batch would be thousands of requests."""

_ALERTS: Final = "/api/v2/alerts"
_SILENCES: Final = "/api/v2/silences"
_SILENCE: Final = "/api/v2/silence/"

_ABOUT_A_PART: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""Answers that may be about a single alert of a batch."""


class Taken(NamedTuple):
    """Alerts that need not be sent again now; with a reason, one that was refused."""

    keys: tuple[Key, ...]
    refused: str = ""


class Alertmanager:
    """One Alertmanager.

    Parameters
    ----------
    server
        Where it is asked.
    owner
        Who makes our silences, as it shows them. Silences of others are left alone.
    batch
        The most alerts in a request.
    link
        As `body_of` takes it.
    """

    def __init__(self, server: Server, owner: str, batch: int, link: str) -> None:
        self._server: Final = server
        self._owner: Final = owner
        self._batch: Final = batch
        self._link: Final = link

    @property
    def name(self) -> str:
        """Its address."""
        return self._server.address

    def tell(self, messages: Sequence[Message]) -> Iterator[Taken]:
        """Send alerts; yield what was settled, in parts.

        It answers 400 to a batch with one bad alert and takes the others of it, without saying
        which one is bad: such a batch is sent again in halves.

        Raises
        ------
        ReceiverFailed
            It does not answer, or refuses for another reason: what was not yielded is unsettled.
        """
        ahead = [messages[at : at + self._batch] for at in range(0, len(messages), self._batch)]
        ahead.reverse()
        refused = 0
        while ahead:
            batch = ahead.pop()
            bodies = [body_of(message, self._link) for message in batch]
            reply = self._server.request("POST", _ALERTS, msgspec.json.encode(bodies))
            if reply.ok:
                yield Taken(tuple(message.key for message in batch))
            elif reply.status not in _ABOUT_A_PART:
                raise self._failed(reply)
            elif len(batch) > 1:
                middle = len(batch) // 2
                ahead += [batch[middle:], batch[:middle]]
            else:
                yield Taken((batch[0].key,), reply.reason)
                refused += 1
                if refused >= MOST_REFUSED and ahead:
                    raise ReceiverFailed(
                        f"{self.name} refused {refused} alerts one by one, the last with "
                        f"{reply.reason}"
                    )

    def silence(self, wanted: Mapping[str, datetime], now: datetime) -> None:
        """Let exactly these alerts be silent until then, of those that we silence.

        The list of Alertmanager is the only record of them: it keeps silences over a restart.

        Raises
        ------
        ReceiverFailed
            It does not answer, or refuses.
        """
        reply = self._asked("GET", _SILENCES)
        try:
            found = msgspec.json.decode(reply.body, type=list[FoundSilence])
        except msgspec.DecodeError as error:
            raise ReceiverFailed(f"{self.name} lists silences that are none: {error}") from error
        for change in changes_of(wanted, found, self._owner, now):
            if isinstance(change, Drop):
                self._asked("DELETE", f"{_SILENCE}{change.id}")
                continue
            body = {
                "id": change.id,
                "matchers": matchers_of(change.alert_id),
                "startsAt": now,
                "endsAt": change.until,
                "createdBy": self._owner,
                "comment": comment(change.alert_id),
            }
            self._asked("POST", _SILENCES, msgspec.json.encode(body))

    def _asked(self, method: str, path: str, body: bytes | None = None) -> Reply:
        reply = self._server.request(method, path, body)
        if not reply.ok:
            raise self._failed(reply)
        return reply

    def _failed(self, reply: Reply) -> ReceiverFailed:
        return ReceiverFailed(f"{self.name} answers {reply.reason}")
