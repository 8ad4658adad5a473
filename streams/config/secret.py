"""A text that may not be shown: a password among the settings of the host."""

from typing import NoReturn


class Revealed(str):
    """The text itself, which only its representation hides: clients log their arguments."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'...'"


class Secret:
    """A text that its representation, a format and a pickle do not show; `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> Revealed:
        """Return the text, to hand it to the client that needs it and to nothing else."""
        return Revealed(self._text)

    def __repr__(self) -> str:
        return "Secret(...)" if self._text else "Secret()"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")
