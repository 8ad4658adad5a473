"""Every text in a decoded message, for whoever looks for one."""

from collections.abc import Iterator


def texts_in(content: object) -> Iterator[str | bytes]:
    """Yield all texts and bytes in what JSON or MessagePack gave, names of fields too."""
    rest = [content]
    while rest:
        match rest.pop():
            case str() | bytes() as text:
                yield text
            case dict() as table:
                rest += table.keys()
                rest += table.values()
            case list() as row:
                rest += row
            case _:
                pass
