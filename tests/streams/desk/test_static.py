"""Files that pages need: ours under addresses that name their content, others' unchanged."""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Final

from streams.access.local import LocalDoor
from streams.desk.site.page import asset
from tests.streams.desk.desk_at_hand import DeskAtHand, ask

VENDOR: Final = Path(str(files("streams.desk"))) / "static" / "vendor"


def test_what_others_wrote_is_as_they_wrote_it() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    hashes = {name: digest for digest, name in (line.split("  ") for line in lines)}
    scripts = {one.name for one in VENDOR.iterdir() if one.suffix in (".js", ".css")}
    assert hashes.keys() == scripts
    for name, digest in hashes.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
        assert (VENDOR / f"{name.partition('.')[0]}.LICENSE").read_text().strip()


def test_a_file_is_kept_by_browsers_as_long_as_its_content() -> None:
    with DeskAtHand(LocalDoor("viewer")) as desk:
        answer = ask(desk.address, asset("desk.css"))
        assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert "immutable" in answer.headers["cache-control"]
        for path in (
            "/static/SHA256SUMS",
            "/static/../desk.py",
            "/static/vendor%2F..%2F..%2Fapi.py",
        ):
            assert ask(desk.address, path).status == 404
