"""Writes every dashboard, and the rules for the mixin, into the folder that is named: deploy."""

import sys
from pathlib import Path

from tools.dashboards.everything import FOLDER, files


def main(deploy: Path) -> None:
    """Write the files, and remove dashboards that are no more."""
    written = files(deploy)
    for path in (deploy / FOLDER).glob("*.json"):
        if f"{FOLDER}/{path.name}" not in written:
            path.unlink()
    for name, text in written.items():
        (deploy / name).parent.mkdir(parents=True, exist_ok=True)
        (deploy / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
