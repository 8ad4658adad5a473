"""Numbers and times among the arguments; argparse puts what they raise into words."""

import argparse
from datetime import datetime


def at_least_one(text: str) -> int:
    """Give a number that is 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def not_negative(text: str) -> int:
    """Give a number that is 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return number


def positive(text: str) -> float:
    """Give a number above 0."""
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text} is not greater than 0")
    return number


def moment(text: str) -> datetime:
    """Give an RFC 3339 time with its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an RFC 3339 time") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} lacks an offset; write Z for UTC")
    return found
