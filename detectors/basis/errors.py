"""What can go wrong, as one small tree.

AboveboardError
├── InvalidEvent         one record cannot be applied: it belongs in the dead letters
├── UnreadableValue      one field of a record cannot be read: it may have to become unknown
├── InvalidObservation   a detector cannot be shown this
├── InvalidSettings      the settings file says something that cannot be obeyed
├── IncompatibleSnapshot saved state of another kind or version
└── LawBroken            a detector does not keep a law of the contract
"""

from typing import ClassVar


class AboveboardError(Exception):
    """Root of every error Aboveboard raises on purpose."""


class InvalidEvent(AboveboardError):
    """A record that cannot be applied.

    Attributes
    ----------
    reason
        One word of the closed list ``REASONS``: a metric label and a dead-letter header.
    detail
        A sentence that names the field at fault.
    field
        That field, empty where it is none of the contract or more than one: a metric label.
    """

    REASONS: ClassVar[tuple[str, ...]] = (
        "not_json",
        "invalid_field",
        "impossible_time",
        "too_large",
        "too_late",
        "unknown_source",
    )

    def __init__(self, reason: str, detail: str, field: str = "") -> None:
        if reason not in self.REASONS:
            msg = f"{reason!r} is not one of {self.REASONS}"
            raise ValueError(msg)
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.field = field


class UnreadableValue(AboveboardError):
    """The value of one field cannot be read; the message says why, and what would be read."""


class InvalidObservation(AboveboardError):
    """A number in it is infinite or none at all, or there are too many or too few of them."""


class InvalidSettings(AboveboardError):
    """The settings cannot be obeyed; the message names the key and the remedy."""


class IncompatibleSnapshot(AboveboardError):
    """The bytes are not a snapshot of this kind and version."""


class LawBroken(AboveboardError):
    """A detector does not keep a law of the contract.

    Attributes
    ----------
    law
        Name of the law, a key of ``detectors.conformance.catalogue.LAWS``.
    detector
        Name of the config's class.
    place
        What was done and what came of it.
    remedy
        What usually mends it.
    """

    def __init__(self, law: str, detector: str, place: str, remedy: str) -> None:
        super().__init__(f"{detector} breaks the law {law}: {place}. Remedy: {remedy}.")
        self.law = law
        self.detector = detector
        self.place = place
        self.remedy = remedy
