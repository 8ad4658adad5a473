"""A process that writes two files anew for ever, each time with another letter, until it ends.

Run as ``python -m tests.streams.outputs.rewriting FOLDER whole|broken``; `broken` writes in place.
"""

import sys
from itertools import cycle
from pathlib import Path

from streams.outputs.whole_files import WholeFiles, orderly_ending

SIZE = 400_000
NAMES = ("alerts.jsonl", "letters.jsonl")


def rewrite(folder: Path, *, whole: bool) -> None:
    with orderly_ending():
        for letter in cycle(b"abcdefghijklmnop"):
            content = bytes([letter]) * SIZE
            if whole:
                with WholeFiles() as files:
                    for name in NAMES:
                        files.begin(folder / name).write(content)
            else:
                for name in NAMES:
                    with (folder / name).open("wb", buffering=0) as file:
                        for start in range(0, SIZE, SIZE // 200):
                            file.write(content[start : start + SIZE // 200])


if __name__ == "__main__":
    rewrite(Path(sys.argv[1]), whole=sys.argv[2] == "whole")
