"""The dead letters of one installation: its topics read, and its letters sent back."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

from streams.broker.access import require_topics
from streams.broker.reader import read_topic
from streams.broker.security import BrokerSecurity
from streams.broker.sending.letter_sender import LetterSender, letter_sender
from streams.dead_letters.book import BookedLetter, LetterBook, letter_id
from streams.dead_letters.replay import TAKES_BACK
from streams.wire.dead_letter import DeadLetter, from_message
from streams.wire.record import LocatedRecord
from streams.wire.topics import Topic, topic_name


class LetterTopics(NamedTuple):
    """The broker of an installation, and how to reach it.

    Every method raises BrokerError if the broker does not answer, or a topic is missing.
    """

    bootstrap: str
    prefix: str
    security: BrokerSecurity

    def records(self) -> Iterator[LocatedRecord]:
        """Yield the records of the topic of dead letters."""
        return self._read(Topic.DEAD_LETTERS)

    def letters(self) -> list[BookedLetter]:
        """Return the distinct letters, each with its receipt if it was replayed."""
        book = LetterBook(self.prefix)
        for record in self.records():
            book.add(record)
        for record in self._read(Topic.DEAD_LETTER_RECEIPTS):
            book.acknowledge(record)
        return book.letters()

    def whole_letters(self, ids: set[str]) -> dict[str, DeadLetter]:
        """Read the topic once more for all that was kept of the records of some letters."""
        found: dict[str, DeadLetter] = {}
        for record in self.records():
            letter = from_message(record.value, record.headers)
            number = letter_id(letter, record.key)
            if number in ids:
                found[number] = letter
        return found

    def partitions(self) -> dict[Topic, int]:
        """Return how many partitions each topic has to which letters go back."""
        names = {topic: topic_name(self.prefix, topic) for topic in TAKES_BACK}
        found = require_topics(self.bootstrap, *names.values(), security=self.security)
        return {topic: found[name] for topic, name in names.items()}

    def sender(self) -> AbstractContextManager[LetterSender]:
        """Return a context manager that connects what sends letters back."""
        return letter_sender(self.bootstrap, self.prefix, self.security)

    def _read(self, topic: Topic) -> Iterator[LocatedRecord]:
        name = topic_name(self.prefix, topic)
        return read_topic(self.bootstrap, name, security=self.security)
