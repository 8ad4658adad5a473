"""Records of the topics of alerts and cases, taken into a picture."""

import logging
from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import Case
from streams.broker.follower import Followed
from streams.notify.picture import Picture
from streams.printable import printable
from streams.wire.topics import Topic

MOST_TOLD: Final = 10
"""Records of other programs of which each is told in the log."""

_alert: Final = msgspec.json.Decoder(Alert).decode
_case: Final = msgspec.json.Decoder(Case).decode
_log: Final = logging.getLogger("aboveboard.notify")


class Reading:
    """Takes records into a picture; what is neither alert nor case is left out, and told.

    Parameters
    ----------
    picture
        Takes them in.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture: Final = picture
        self._strange = 0

    def take(self, topic: Topic, record: Followed) -> None:
        """Take one record of a topic; every other topic than that of cases is of alerts."""
        try:
            key = (record.key or b"").decode()
            if topic is Topic.CASES_CURRENT:
                self._take_case(key, record.value)
            else:
                self._take_alert(key, record.value)
        # Nesting without end is no error of msgspec's own.
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            self._strange += 1
            if self._strange <= MOST_TOLD:
                _log.warning("%s is left out: %s", record.place, printable(str(error)))

    def _take_alert(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._picture.forget_alert(key)
            return
        alert = _alert(value)
        if alert.alert_id != key:
            raise msgspec.ValidationError("its key is not its `alert_id`")
        self._picture.alert(alert)

    def _take_case(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._picture.forget_case(key)
            return
        case = _case(value)
        if case.case_id != key:
            raise msgspec.ValidationError("its key is not its `case_id`")
        self._picture.case(case)
