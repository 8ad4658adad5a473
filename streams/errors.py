"""What can go wrong around the stages, as one tree; the detectors have `detectors.basis.errors`.

AboveboardError
├── BrokerError               the broker, or what its topics hold, cannot be used
│   ├── BrokerUnreachable     nothing answers at the address, or it has stopped answering
│   ├── BrokerRefused         it answers and refuses: protocol, user, certificate or request
│   │   └── MissingRights     it does not grant the user what a command needs
│   ├── BrokerNotStarted      a broker of our own, in a child process, does not start
│   ├── MissingTopics         topics of the installation are not there
│   ├── TopicMismatch         the topics do not fit together, or would lose records
│   ├── InstallationMismatch  worker, topics or group are not those the installation began with
│   └── InvalidAlertRecord    a record in a topic of alerts is not one
├── MissingCodec              a package that unpacks record batches cannot be imported
├── MembershipLost            the consumer group has moved on without this worker
├── FaustFailed               Faust stopped by itself
├── UnsupportedApp            the application needs a part of Faust that batches cannot serve
├── StageFailed               a stage cannot go on past a record
├── LogMismatch               state and log do not fit together: starting again does not help
│   ├── LostRecords           records were deleted before they were read
│   ├── LostState             the state has not seen what the group has committed
│   └── LogTooShort           the log ends before what has been read of it
├── InvalidArguments          the command line asks for what cannot be done
│   ├── ConflictingOutputs    two outputs in one place
│   ├── OutputIsInput         an output would be written over an input
│   ├── NotSimulated          a simulation would replace a file that none has written
│   ├── InvalidTime           a time that is none, or not a credible one
│   ├── NoLettersChosen       a replay of nothing in particular
│   ├── InvalidDecision       a decision that nobody could take so
│   └── BinaryToTerminal      raw records would be written to a terminal
├── InvalidInput              a path cannot be read as events
│   └── NothingApplied        no record of all the input could be used
├── InvalidPlot               a figure cannot be drawn as asked
├── AlertNotFound             no alert has this id
├── MailNotSent               a mail server did not take a letter for everybody
├── LetterNotFound            no dead letter has this id, or several have
└── DemoFailed                the demonstration could not be shown

Exception
├── OtherRelease              another release wrote a record; becomes StageFailed
├── UndecodableBatch          a record batch cannot be unpacked; becomes a dead letter
└── MissingRecords            records were deleted before they were read; becomes LostRecords
"""

from detectors.basis.errors import AboveboardError

# ------------------------------------------------------------------------------------- the broker


class BrokerError(AboveboardError):
    """The broker, or what its topics hold, cannot be used: names the address and the remedy."""


class BrokerUnreachable(BrokerError):
    """Nothing answers at the address, or what answered has been silent for too long."""


class BrokerRefused(BrokerError):
    """Something answers and will not do what was asked: says why, and names the remedy."""


class MissingRights(BrokerRefused):
    """The user lacks rights: names the operations and resources, and how to grant them."""


class BrokerNotStarted(BrokerError):
    """A broker in a child process does not start: says what failed, and the remedy."""


class MissingTopics(BrokerError):
    """Topics of the installation are missing; names them, and the command that creates them."""


class TopicMismatch(BrokerError):
    """Topics do not fit together, or their settings lose records; says how to mend it."""


class InstallationMismatch(BrokerError):
    """Worker, topics or group differ from those of the installation; names each difference."""


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


# ------------------------------------------------------------------------------- delivery of alerts


class ReceiverFailed(AboveboardError):
    """A receiver of alerts does not answer, or refuses; names it and the reason."""


# -------------------------------------------------------------------------------------- the stages


class StageFailed(AboveboardError):
    """A stage cannot go on past a record; names its topic, partition and offset."""


class LogMismatch(AboveboardError):
    """State and log do not fit together: a worker ends with exit code 2, and says the remedy."""


class LostRecords(LogMismatch):
    """The broker has deleted records before they were read; names their offsets."""


class LostState(LogMismatch):
    """The state has not seen records that the group has committed: it was deleted, or is older."""


class LogTooShort(LogMismatch):
    """The log ends before what has been read of it: it was cut off, or is another one."""


class OtherRelease(Exception):
    """A record bears the seal of another release.

    Attributes
    ----------
    offset
        Its offset in its partition.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(
            f"offset {offset}: a worker of another release wrote it; let all workers be of one "
            "release, and start this one again"
        )
        self.offset = offset


class UndecodableBatch(Exception):
    """A record batch cannot be unpacked; says why, after the word "it"."""


class MissingRecords(Exception):
    """The broker has deleted records between the last one applied and where it was read next.

    Attributes
    ----------
    first, last
        Their offsets.
    """

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"offsets {first} to {last} were deleted before they were read")
        self.first = first
        self.last = last


# ------------------------------------------------------------------------------------ the commands


class InvalidArguments(AboveboardError):
    """The command line asks for what cannot be done; names the option and the remedy."""


class ConflictingOutputs(InvalidArguments):
    """Two kinds of output were asked for in one place."""


class OutputIsInput(InvalidArguments):
    """An output is a file that is read; names both, and the remedy."""


class NotSimulated(InvalidArguments):
    """A simulation would replace a file that no simulation has written."""


class InvalidTime(InvalidArguments):
    """A time on the command line is none, or is not a credible one."""


class NoLettersChosen(InvalidArguments):
    """It was not said which letters are meant; says how."""


class InvalidDecision(InvalidArguments):
    """A decision is plainly wrong: nothing was written; says why, and the remedy."""


class BinaryToTerminal(InvalidArguments):
    """Raw records would be written to a terminal; says what to do instead."""


class InvalidInput(AboveboardError):
    """A path cannot be read as events; names it and the remedy."""


class NothingApplied(InvalidInput):
    """Not one record of the input could be used; says why, from what the input begins with."""


class InvalidPlot(AboveboardError):
    """A figure cannot be drawn as asked; says why and what to do."""


class NotHidden(InvalidInput):
    """A line in which ids cannot be found, or not be replaced; says why."""


class InvalidPseudonymKey(AboveboardError):
    """A key of pseudonyms cannot be used; says why, and shows nothing of it."""


class AlertNotFound(AboveboardError):
    """No alert has this id, in a topic or in what events give; says where it was looked for."""


class MailNotSent(AboveboardError):
    """A mail server cannot be reached or believed, or did not take a letter; says why."""


class LetterNotFound(AboveboardError):
    """No letter, or more than one, has this id; says what to do."""


class AccessRefused(AboveboardError):
    """Somebody may not come in, or not do that.

    Attributes
    ----------
    status
        That of HTTP: 401 without credentials, 403 with some, 400 for contradicting ones, 503 if
        nobody can tell now.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class FormOutdated(AccessRefused):
    """A form was not given to this session: whoever has filled it in may send it again."""

    def __init__(self) -> None:
        super().__init__(403, "this page was open for too long, or is another person's: send again")


class RequestRefused(AboveboardError):
    """A request cannot be answered as it is asked; says why, and the remedy.

    Attributes
    ----------
    status
        That of HTTP.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class DemoFailed(AboveboardError):
    """The demonstration could not be shown; holds the end of the worker's log."""
