"""Only the tests are collected: the rest needs packages that are not installed beside ours."""

from pathlib import Path

collect_ignore = [
    path.name for path in Path(__file__).parent.iterdir() if not path.name.startswith("test_")
]
