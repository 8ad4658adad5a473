"""What can go wrong around the stages, as one tree; the detectors have `detectors.basis.errors`.

AboveboardError
├── BrokerError               the broker, or what its topics hold, cannot be used
│   ├── BrokerUnreachable     nothing answers at the address, or it has stopped answering
│   ├── BrokerRefused         it answers and refuses: protocol, user, certificate or request
│   ├── BrokerNotStarted      a broker of our own, in a child process, does not start
│   ├── MissingTopics         topics of the installation are not there
│   ├── TopicMismatch         the numbers of partitions of the topics do not fit together
│   └── InvalidAlertRecord    a record in a topic of alerts is not one
├── MissingCodec              a package that unpacks record batches cannot be imported
├── MembershipLost            the consumer group has moved on without this worker
├── FaustFailed               Faust stopped by itself
├── UnsupportedApp            the application needs a part of Faust that batches cannot serve
├── StageFailed               a stage cannot go on past a record
├── InvalidArguments          the command line asks for what cannot be done
│   ├── ConflictingOutputs    two outputs in one place
│   ├── InvalidTime           a time that is none, or not a credible one
│   ├── NoLettersChosen       a replay of nothing in particular
│   └── BinaryToTerminal      raw records would be written to a terminal
├── InvalidInput              a path cannot be read as events
├── InvalidPlot               a figure cannot be drawn as asked
├── AlertNotFound             no alert has this id
├── LetterNotFound            no dead letter has this id, or several have
└── DemoFailed                the demonstration could not be shown

Exception
├── UndecodableRecord         one record of another stage cannot be read; becomes StageFailed
├── UndecodableBatch          a record batch cannot be unpacked; becomes a dead letter
└── MissingRecords            records were passed over; becomes StageFailed
"""

from detectors.basis.errors import AboveboardError

# ------------------------------------------------------------------------------------- the broker


class BrokerError(AboveboardError):
    """The broker, or what its topics hold, cannot be used: names the address and the remedy."""


class BrokerUnreachable(BrokerError):
    """Nothing answers at the address, or what answered has been silent for too long."""


class BrokerRefused(BrokerError):
    """Something answers and will not do what was asked: says why, and names the remedy."""


class BrokerNotStarted(BrokerError):
    """A broker in a child process does not start: says what failed, and the remedy."""


class MissingTopics(BrokerError):
    """Topics of the installation are missing; names them, and the command that creates them."""


class TopicMismatch(BrokerError):
    """The numbers of partitions of the topics do not match; says how to mend it."""


class InvalidAlertRecord(BrokerError):
    """A record in a topic of alerts is not one: says where it is."""


class MissingCodec(AboveboardError):
    """A package that decompresses record batches cannot be imported; names it and the remedy."""


# ----------------------------------------------------------------------------- the consumer group


class MembershipLost(AboveboardError):
    """The group has moved on without this worker: its batches are being read by another one.

    Nothing of the refused commit was recorded. A worker that sees this must not write any more.
    """


class FaustFailed(AboveboardError):
    """Faust stopped by itself; the cause says why."""


class UnsupportedApp(AboveboardError):
    """The application uses a part of Faust that expects one event per record."""


# -------------------------------------------------------------------------------------- the stages


class StageFailed(AboveboardError):
    """A stage cannot go on past a record; names its topic, partition and offset."""


class UndecodableRecord(Exception):
    """An actor cannot decode a record, nor go on without it.

    Attributes
    ----------
    offset
        Its offset in its partition.
    """

    def __init__(self, offset: int, why: Exception) -> None:
        super().__init__(f"offset {offset}: {why}")
        self.offset = offset


class UndecodableBatch(Exception):
    """A record batch cannot be unpacked; says why, after the word "it"."""


class MissingRecords(Exception):
    """Records were passed over between the last one applied and the one received."""


# ------------------------------------------------------------------------------------ the commands


class InvalidArguments(AboveboardError):
    """The command line asks for what cannot be done; names the option and the remedy."""


class ConflictingOutputs(InvalidArguments):
    """Two kinds of output were asked for in one place."""


class InvalidTime(InvalidArguments):
    """A time on the command line is none, or is not a credible one."""


class NoLettersChosen(InvalidArguments):
    """It was not said which letters are meant; says how."""


class BinaryToTerminal(InvalidArguments):
    """Raw records would be written to a terminal; says what to do instead."""


class InvalidInput(AboveboardError):
    """A path cannot be read as events; names it and the remedy."""


class InvalidPlot(AboveboardError):
    """A figure cannot be drawn as asked; says why and what to do."""


class AlertNotFound(AboveboardError):
    """The events do not give an alert of this id under these settings."""


class LetterNotFound(AboveboardError):
    """No letter, or more than one, has this id; says what to do."""


class DemoFailed(AboveboardError):
    """The demonstration could not be shown; holds the end of the worker's log."""
