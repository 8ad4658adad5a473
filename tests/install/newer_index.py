"""A package index on this machine where every package of the lock has a newer release."""

import hashlib
import io
import re
import threading
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self
from zipfile import ZipFile


def newer(version: str) -> str:
    """Name a release after this one that is still in most ranges: ``2.4`` gives ``2.4.post1``.

    Examples
    --------
    >>> newer("2.4"), newer("2.4.post1")
    ('2.4.post1', '2.4.post2')
    """
    release, _, number = version.partition(".post")
    return f"{release}.post{int(number or 0) + 1}"


def empty_wheel(name: str, version: str) -> tuple[str, bytes]:
    """Make the smallest wheel that installs; give the name of the file and its bytes."""
    stem = f"{re.sub('[-.]+', '_', name)}-{version}"
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    paths = [f"{stem}.dist-info/{file}" for file in (*files, "RECORD")]
    files["RECORD"] = "".join(f"{path},,\n" for path in paths)
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for path, text in zip(paths, files.values(), strict=True):
            archive.writestr(path, text)
    return f"{stem}-py3-none-any.whl", content.getvalue()


class NewerIndex:
    """The index as a context manager; it tells afterwards what it was asked for.

    Files of the lock lie where the lock says, except those of the folder: they are served here.
    """

    def __init__(self, lock: Path, folder: Path) -> None:
        self.files: Final = {path.name: path.read_bytes() for path in folder.glob("*.whl")}
        self.pages: Final[defaultdict[str, str]] = defaultdict(str)
        self.asked: Final[set[str]] = set()
        self._server: Final = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._thread: Final = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._add_packages(tomllib.loads(lock.read_text(encoding="utf-8"))["package"])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """What pip and uv are to be told."""
        return f"http://127.0.0.1:{self._server.server_port}/simple"

    def place(self, name: str) -> str:
        """Return where a file that is served here lies."""
        return f"http://127.0.0.1:{self._server.server_port}/files/{name}"

    def _add_packages(self, packages: Iterable[dict[str, Any]]) -> None:
        for package in packages:
            for wheel in package.get("wheels", []):
                file = wheel["url"].rpartition("/")[2]
                place = self.place(file) if file in self.files else wheel["url"]
                self._add_file(package["name"], file, place, wheel["hash"].partition(":")[2])
            file, content = empty_wheel(package["name"], newer(package["version"]))
            self.files[file] = content
            digest = hashlib.sha256(content).hexdigest()
            self._add_file(package["name"], file, self.place(file), digest)

    def _add_file(self, package: str, file: str, place: str, digest: str) -> None:
        self.pages[package] += f'<a href="{place}#sha256={digest}">{file}</a>\n'


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, index: NewerIndex, *arguments: Any) -> None:  # noqa: ANN401 - the server's own
        self._index: Final = index
        super().__init__(*arguments)

    def do_GET(self) -> None:
        folder, _, name = self.path.strip("/").partition("/")
        if folder == "simple":
            self._index.asked.add(name)
        if folder == "simple" and name in self._index.pages:
            page = f"<!DOCTYPE html><html><body>\n{self._index.pages[name]}</body></html>"
            self._answer("text/html", page.encode())
        elif folder == "files" and name in self._index.files:
            self._answer("application/octet-stream", self._index.files[name])
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET  # noqa: N815 - the name is the server's

    def _answer(self, kind: str, content: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Print nothing: what was asked for is kept."""
