"""Whether two logins may be those of one person: four eyes must be two people's."""

import re
import unicodedata
from typing import Final

_NO_LETTERS: Final = re.compile(r"[^\w]|_")


def same_person(one: str, other: str) -> bool:
    """Return whether these logins may be one person's under two spellings.

    Domains, capitals, accents, dots, widths and what is not seen are left out, and so is what mail
    takes as a note (``j.doe+x``). Two people of the same name in two domains count as one: a third
    person must then agree, which costs less than one person with two accounts.
    """
    return canonical_login(one) == canonical_login(other)


def canonical_login(login: str) -> str:
    """Return what all spellings of a login have in common; empty if nothing is left of it."""
    text = unicodedata.normalize("NFKD", login).casefold()
    # DOMAIN\login, login@domain, and login+note@domain.
    name = text.rpartition("\\")[2].partition("@")[0].partition("+")[0]
    # Accents and what is not seen are no letters; nor are dots, dashes and blanks.
    return _NO_LETTERS.sub("", name)


def is_clear_login(login: str) -> bool:
    """Return whether a login can be told from others: it is of letters of one alphabet.

    A Cyrillic letter in a Latin login looks like its Latin twin, and is another login.
    """
    name = canonical_login(login)
    alphabets = {unicodedata.name(letter, "?").split(" ")[0] for letter in name if letter.isalpha()}
    return bool(name) and len(alphabets) <= 1
