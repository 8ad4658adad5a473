"""A real PostgreSQL as a child process, with a database of its own for each who asks."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.install.machine import ROOT
from tests.logged_process import LoggedProcess
from tests.monitoring import found

SCHEMA: Final = ROOT / "deploy" / "postgresql" / "schema.sql"
OWNER: Final = "owner"
NOBODY: Final = "nobody"
"""Who runs the server where the tests are run by root, for whom it does not start."""

PATIENCE: Final = 120.0

_CHEAP: Final = ("fsync=off", "shared_buffers=16MB", "listen_addresses=")
"""Nothing outlives the tests, and a socket in a folder cannot clash with another's port."""


class Database:
    """A database that has the schema; `environment` leads the clients of PostgreSQL to it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder: Final = folder
        self._name: Final = name

    def environment(self, user: str = OWNER) -> dict[str, str]:
        return {"PGHOST": str(self._folder), "PGDATABASE": self._name, "PGUSER": user}

    def connect(self, user: str = OWNER) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self._folder), dbname=self._name, user=user, autocommit=True
        )

    def asked(self, query: str, user: str = OWNER) -> list[tuple[Any, ...]]:
        """Return the rows that a query gives."""
        with self.connect(user) as connection:
            return connection.execute(query.encode()).fetchall()


class PostgresqlServer(LoggedProcess):
    """A server on a socket in a folder, from its first answer until the block ends."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._folder: Final = folder
        self._numbers: Final = count(1)
        command = [
            str(word) for word in (programs / "postgres", "-D", folder / "data", "-k", folder)
        ]
        settings = [word for setting in _CHEAP for word in ("-c", setting)]
        super().__init__([*_unprivileged(), *command, *settings], dict(os.environ))

    def __enter__(self) -> Self:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                error = AssertionError("PostgreSQL does not answer")
                self.__exit__(AssertionError, error, None)
                raise error
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            Database(self._folder, "postgres").connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """End it at once, with all that serves its clients: a kill would leave memory shared."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE)

    def database(self) -> Database:
        """Return a new database with the schema in it."""
        name = f"installation_{next(self._numbers)}"
        with Database(self._folder, "postgres").connect() as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        made = Database(self._folder, name)
        with made.connect() as connection:
            connection.execute(SCHEMA.read_bytes())
        return made


def _unprivileged() -> list[str]:
    """Return the words before a command that take root's rights from it, and end it with us."""
    if os.geteuid() != 0:
        return []
    ids = pwd.getpwnam(NOBODY)
    rights = [f"--reuid={ids.pw_uid}", f"--regid={ids.pw_gid}", "--clear-groups"]
    # It need not be able to reach the folder in which the tests are run.
    return ["setpriv", "--pdeathsig=QUIT", *rights, "env", "--chdir=/"]


def _programs() -> Path:
    """Return the folder of the server's programs, which Debian keeps off the path."""
    # newest release first; one on the path may be a link to another file than it seems
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(versions, key=lambda path: int(path.parts[-3]))
    return (newest[-1] if newest else Path(found("initdb", "postgresql")).resolve()).parent


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """Yield a server; skip the test where there is none, fail it in CI."""
    programs = _programs()
    with ExitStack() as stack:
        # not below the folder of pytest, which nobody else may enter
        folder = Path(tempfile.mkdtemp(prefix="aboveboard-postgresql-"))
        stack.callback(shutil.rmtree, folder)
        if os.geteuid() == 0:
            shutil.chown(folder, NOBODY)
        words = ["--auth=trust", f"--username={OWNER}", "--no-locale", "--encoding=UTF8"]
        subprocess.run(
            [*_unprivileged(), programs / "initdb", "--no-sync", *words, folder / "data"],
            check=True,
            capture_output=True,
        )
        yield stack.enter_context(PostgresqlServer(programs, folder))
