"""What a host of the ledger's job alone is told to do; the hosts in Java read the same."""

from msgspec import Struct


class LedgerJob(Struct, frozen=True, kw_only=True):
    """One run of one host.

    Attributes
    ----------
    broker
        ``host:port``.
    prefix
        Of the installation it reads from.
    sources
        The topics of events, by the names of the catalogue.
    outcomes
        The topic to which outcomes go.
    run
        A name for consumer groups and topics of its own.
    folder
        Where it may keep files; it is there.
    progress
        The file with the counter of `Progress`.
    cores
        How many it may use; threads of a host that has them.
    """

    broker: str
    prefix: str
    sources: dict[str, str]
    outcomes: str
    run: str
    folder: str
    progress: str
    cores: int
