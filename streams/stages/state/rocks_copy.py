"""The local copy of a changelog in RocksDB.

It is written after the broker has what it holds, each write whole or not at all, with the offset it
reaches: whatever happens to it, the changelog has the rest. So a disk that is full, or a
copy that another process holds, costs the time of a longer restart and nothing else; the worker
says so and goes on.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from detectors.basis.errors import InvalidSettings
from streams.stages.state.journal import Entries
from streams.stages.state.local_copy import Kept, LocalCopy, OpenCopy
from streams.wire.topics import Topic, topic_name

if TYPE_CHECKING:
    from rocksdict import Rdict

INSTALL_COMMAND: Final = "pip install 'aboveboard[rocksdb]'"

_OWN: Final = 0o700

_END: Final = b"end"
_ENTRY: Final = b"/"

_log: Final = logging.getLogger("aboveboard.state")


class RocksCopy:
    """The copy of one partition, in a folder of its own.

    Parameters
    ----------
    folder
        Where it is; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._database: Rdict | None = None
        try:
            self._database = _open(folder)
        except Exception as error:  # noqa: BLE001 - rocksdict raises nothing more special
            self._give_up("opened", error)

    def load(self) -> Kept:
        """Return all it holds."""
        kept = self._attempt("read", _load)
        return Kept({}, 0) if kept is None else kept

    def save(self, entries: Entries, end: int) -> None:
        """Save entries, up to an offset, all at once or not at all."""
        self._attempt("written", lambda database: _save(database, entries, end))

    def clear(self) -> None:
        """Forget everything: it was the copy of another changelog."""
        self._attempt("emptied", _clear)

    def close(self) -> None:
        """Close it, so that another process can open it. Closing it again does nothing."""
        database, self._database = self._database, None
        if database is None:
            return
        try:
            database.close()
        except Exception as error:  # noqa: BLE001 - rocksdict raises nothing more special
            # What it could not write out is in the changelog: the next start reads it there.
            _log.warning("the copy of the state in %s was not closed well: %s", self._folder, error)

    def _attempt(self, what: str, action: Callable[["Rdict"], Kept | None]) -> Kept | None:
        """Act on the database. After a failure it is left as it is until it is opened again."""
        if self._database is None:
            return None
        try:
            return action(self._database)
        except Exception as error:  # noqa: BLE001 - rocksdict raises nothing more special
            self._give_up(what, error)
            return None

    def _give_up(self, what: str, error: Exception) -> None:
        _log.warning(
            "the copy of the state in %s cannot be %s (%s): going on without it, so that the next "
            "start will read more from the broker",
            self._folder,
            what,
            error,
        )
        self.close()


def _open(folder: Path) -> "Rdict":
    from rocksdict import Options, Rdict  # noqa: PLC0415 - an optional extra, needed only here

    _make_own(folder.parent)
    _make_own(folder)
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.set_keep_log_file_num(1)
    return Rdict(str(folder), options)


def _make_own(folder: Path) -> None:
    """Make a folder that its owner alone can enter: the state names people and what they did."""
    folder.mkdir(mode=_OWN, parents=True, exist_ok=True)
    folder.chmod(_OWN)  # it may be of an earlier version


def _load(database: "Rdict") -> Kept:
    found = {key: value for key, value in database.items() if isinstance(key, bytes)}
    end = int(found.pop(_END, b"0"))
    return Kept({key.removeprefix(_ENTRY): value for key, value in found.items()}, end)


def _save(database: "Rdict", entries: Entries, end: int) -> None:
    from rocksdict import WriteBatch  # noqa: PLC0415 - an optional extra, needed only here

    batch = WriteBatch(raw_mode=True)
    for key, value in entries.items():
        if value is None:
            batch.delete(_ENTRY + key)
        else:
            batch.put(_ENTRY + key, value)
    batch.put(_END, str(end).encode())
    database.write(batch)


def _clear(database: "Rdict") -> None:
    _save(database, dict.fromkeys(_load(database).entries), 0)


def rocks_copies(folder: Path, prefix: str) -> OpenCopy:
    """Return what opens copies below a folder, which is made if it is not there.

    Raises
    ------
    InvalidSettings
        If the folder cannot be written, or the extra ``rocksdb`` is not installed.
    """
    try:
        import rocksdict  # noqa: F401, PLC0415 - an optional extra, asked for here only
    except ImportError:
        raise InvalidSettings(
            f"ABOVEBOARD_STORE is rocksdb, which is not installed: {INSTALL_COMMAND}"
        ) from None
    try:
        # One that is there may be a volume of somebody else: it is left as it is.
        folder.mkdir(mode=_OWN, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InvalidSettings(
            f"ABOVEBOARD_STATE_FOLDER: {folder}: {error.strerror}; name a folder that this user "
            "can write to"
        ) from None

    def open_copy(topic: Topic, partition: int) -> LocalCopy:
        return RocksCopy(folder / topic_name(prefix, topic) / str(partition))

    return open_copy
