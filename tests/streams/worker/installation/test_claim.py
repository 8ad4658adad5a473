from itertools import permutations
from typing import Any, Final

import msgspec
import pytest

from streams.wire.topics import CATALOGUE, EVENT_TOPICS
from streams.worker.installation.claim import (
    BEAT,
    Claim,
    Terms,
    differences,
    first_claim,
    new_key,
    read_claim,
)
from streams.worker.installation.terms import RELEASE, STATE_FORMS

OURS: Final = Claim(
    {topic.value: f"id-of-{topic}" for topic in EVENT_TOPICS},
    {plan.topic.value: 2 for plan in CATALOGUE},
    Terms("0123456789abcdef", "p-aboveboard", STATE_FORMS, RELEASE),
)


def changed(**terms: Any) -> Claim:  # noqa: ANN401 - as the terms have them
    return msgspec.structs.replace(OURS, terms=msgspec.structs.replace(OURS.terms, **terms))


def test_a_claim_is_read_as_it_was_written() -> None:
    assert read_claim(OURS.record()) == OURS
    assert differences(OURS, OURS, "p-") == []


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (changed(settings="f" * 16), "would judge by different rules"),
        (changed(group="p-other"), "two groups read and alert everything twice"),
        (changed(state=("ledger-1",)), "keeps its state as ledger-1"),
        (changed(release=RELEASE + 1), f"begun by version {RELEASE + 1}"),
        (
            msgspec.structs.replace(OURS, topics={**OURS.topics, "sales": "another"}),
            "the topic p-sales was removed and created again",
        ),
        (
            msgspec.structs.replace(OURS, partitions={**OURS.partitions, "sales": 1}),
            "the topic p-sales had 1 partitions when this installation began and has 2 now",
        ),
    ],
)
def test_every_difference_is_named_with_harm_and_remedy(theirs: Claim, words: str) -> None:
    (told,) = differences(OURS, theirs, "p-")
    assert words in told
    assert "ABOVEBOARD_" in told


def test_topics_whose_id_is_not_known_are_not_compared() -> None:
    assert differences(OURS, msgspec.structs.replace(OURS, topics={}), "p-") == []
    assert differences(msgspec.structs.replace(OURS, topics={}), OURS, "p-") == []


def test_workers_that_start_together_agree_whatever_the_order() -> None:
    """Each looks, finds nothing, writes and looks again: the order of the records decides."""
    claims = [OURS, changed(settings="a" * 16), changed(group="p-other")]
    for order in permutations(claims):
        log = {new_key(): claim.record() for claim in order}
        assert first_claim(log) == order[0]
        # Compaction keeps the last record of each key: none of these.
        assert len(log) == len(order)


def test_what_is_no_claim_is_passed_over() -> None:
    log = {
        b"stranger": OURS.record(),
        BEAT + b"1": changed(settings="a" * 16).record(),
        new_key(): b"garbage",
        new_key(): b'{"form":"installation-9"}',
        new_key(): None,
    }
    assert first_claim(log) is None
    assert first_claim({**log, new_key(): OURS.record()}) == OURS


def test_no_name_of_a_topic_ends_in_another() -> None:
    """So no two prefixes, not even one that begins with the other, share a topic."""
    names = [plan.topic.value for plan in CATALOGUE]
    assert not [(a, b) for a in names for b in names if a != b and a.endswith(b)]
