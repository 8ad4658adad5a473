"""What any sentence of ours says to do: an event topic may be the only copy of what was sold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import streams

_REMOVAL: Final = re.compile(
    r"\b(delete|remove|recreate|drop|empty|truncate)\s+"
    r"(it|them|((all|the|this|that|these|those|old|an)\s+)*(event\s+)?topics?)\b",
    re.IGNORECASE,
)


def advises_removal(sentence: str) -> bool:
    """Return whether a sentence tells somebody to remove something."""
    return _REMOVAL.search(sentence) is not None


def texts(source: str) -> Iterator[str]:
    """Yield the texts of a module that may be shown, those inside of f-strings too."""
    tree = ast.parse(source)
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            # What stands for a value may be the topic: "delete {name}".
            parts = (p.value if isinstance(p, ast.Constant) else "it" for p in node.values)
            yield "".join(str(part) for part in parts)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.value


def test_no_sentence_advises_to_remove_a_topic() -> None:
    (root,) = streams.__path__
    files = sorted(Path(root).rglob("*.py"))
    assert len(files) > 100
    told = [text for file in files for text in texts(file.read_text(encoding="utf-8"))]
    assert [text for text in told if advises_removal(text)] == []


@pytest.mark.parametrize(
    "source",
    [
        '"has 2 partitions and must have 4. Delete it and create it again"',
        'f"Stop the workers, then delete {name}"',
        'say("remove " "the topic, and " + rest)',
    ],
)
def test_that_advice_is_found(source: str) -> None:
    assert any(map(advises_removal, texts(f"x = {source}")))
