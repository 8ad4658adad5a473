"""What can be wrong with a place in a consumer group, or with an application on this transport."""

from detectors.basis.errors import AboveboardError


class PlaceLost(AboveboardError):
    """The group has moved on without this worker: its batches are being read by another one.

    Nothing of the refused commit was recorded. A worker that sees this must not write any more.
    """


class UnsuitableApp(AboveboardError):
    """The application uses a part of Faust that expects one event per record."""
