"""Files that are there whole or not at all: written beside, and renamed at the end.

A file is written under another name in the same folder, ``.aboveboard-....part``, and takes its own
when everything of it is on the disk. Until then whatever stood there stays. An error, Ctrl-C or
SIGTERM removes what was begun; only SIGKILL and the end of the machine can leave it behind.
"""

import errno
import os
import secrets
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Final, Self

from streams.outputs.places import descriptor_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

PREFIX: Final = ".aboveboard-"
SUFFIX: Final = ".part"

_OWN: Final = 0o600
"""Readable by the owner alone: the files name people who are accused."""

_BUFFER: Final = 256 * 1024

_BEGUN: Final[set[Path]] = set()
"""The parts that may be there now, in this process."""


class WholeFiles:
    """Files that appear together at the end of a block; one that fails keeps all of the old ones.

    What is no regular file (a FIFO, a device, an open descriptor) is written directly: it has no
    old content, and whoever reads it waits.
    """

    def __init__(self) -> None:
        self._files: Final[list[_BegunFile]] = []

    def __enter__(self) -> Self:
        """Do nothing: files are begun one by one."""
        return self

    def begin(self, path: str | os.PathLike[str]) -> BufferedWriter:
        """Open a file to be written.

        Raises
        ------
        OSError
            If nothing can be written there; names the path, as do the errors of writing.
        """
        begun = _BegunFile(os.fspath(path))
        # It is known before its part exists, so that an interrupt in between finds it.
        self._files.append(begun)
        return begun.open()

    def keep_old(self, file: BufferedWriter) -> None:
        """Drop what was written of a file: what stood there before stays."""
        for begun in self._files:
            if begun.file is file:
                begun.remove()
        self._files[:] = [begun for begun in self._files if begun.file is not file]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let all files take their names, or remove them if the block was left by an error."""
        try:
            if kind is None:
                for begun in self._files:
                    begun.finish()
                for begun in self._files:
                    begun.take_name()
        finally:
            for begun in self._files:
                begun.remove()


@contextmanager
def orderly_ending() -> Iterator[None]:
    """Let SIGTERM and SIGHUP remove what was begun in the block, and then end the process.

    They do not raise: an error that a signal raises in the midst of a library may be lost there
    (one was, in a test, while packages were loading), and the process would wait for input for
    ever. A signal that is ignored stays ignored (nohup).
    """
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    taken = [number for number, handler in before.items() if handler is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def _end(number: int, _: FrameType | None) -> None:
    for part in tuple(_BEGUN):
        with suppress(OSError):
            part.unlink()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)  # whoever waits is to see which signal it was


class _BegunFile:
    """One file on its way."""

    def __init__(self, path: str) -> None:
        self.file: BufferedWriter | None = None
        self._path: Final = path
        # A link stays a link: the file that it leads to is written.
        self._target: Final = Path(os.path.realpath(path))
        part = f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
        self._part: Final = self._target.with_name(part) if self._target.name else self._target
        self._direct = False

    def open(self) -> BufferedWriter:
        with self._named():
            descriptor = descriptor_of(self._path)
            if descriptor is not None:
                self._direct = True
                raw = _NamedFile(os.dup(descriptor), self._path)
            elif _is_written_directly(self._path):
                self._direct = True
                raw = _NamedFile(os.open(self._path, os.O_WRONLY | os.O_CLOEXEC), self._path)
            else:
                _refuse_what_cannot_be_replaced(self._target)
                _BEGUN.add(self._part)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                raw = _NamedFile(os.open(self._part, flags, _OWN), self._path)
        self.file = BufferedWriter(raw, _BUFFER)
        return self.file

    def finish(self) -> None:
        """Bring everything to the disk; it still has its other name."""
        if self.file is None:
            return
        with self._named():
            self.file.flush()
            if not self._direct:
                os.fsync(self.file.fileno())
            self.file.close()

    def take_name(self) -> None:
        if self._direct:
            return
        with self._named():
            self._part.replace(self._target)
        # Not every file system can write a folder out; the name is then as safe as it gets.
        with suppress(OSError):
            folder = os.open(self._target.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def remove(self) -> None:
        """Close it, and remove what still has its other name."""
        if self.file is not None and not self.file.closed:
            # What is in the buffer is not wanted any more. Only the raw file is closed: to close
            # the buffer would write it out, and fail as the write before it did.
            self.file.raw.close()
        if not self._direct:
            with suppress(OSError):
                self._part.unlink()
            _BEGUN.discard(self._part)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Let an error name the path as the user wrote it, not the part of it."""
        try:
            yield
        except OSError as error:
            error.filename, error.filename2 = self._path, None
            raise


class _NamedFile(FileIO):
    """A file whose errors say which one it is: that a disk is full means little without a name."""

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(descriptor, "wb")
        self._path: Final = path

    def write(self, data: "Buffer", /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = self._path
            raise


def _is_written_directly(path: str) -> bool:
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _refuse_what_cannot_be_replaced(target: Path) -> None:
    """Raise what opening it would: a rename asks neither, and would tell only at the end."""
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
