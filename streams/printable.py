"""Texts from event logs, made safe to print: an id may hold anything, also terminal commands."""


def printable(text: str) -> str:
    """Return `text` with every character that does not print (an escape, say) as U+FFFD."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
