from streams.wire.topics import Topic
from streams.worker.idle_time import IdleTime


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def silence_after(looks: list[tuple[int, int | None]]) -> float:
    """Return the seconds of silence 10 s after the last of these looks, which are 1 s apart."""
    clock = Clock()
    idle_time = IdleTime(clock)
    for reached, end in looks:
        clock.now += 1
        idle_time.look(Topic.SALES, 0, reached, end)
    clock.now += 10
    return idle_time.seconds(Topic.SALES, 0)


def test_what_was_never_looked_at_is_not_silent() -> None:
    assert silence_after([]) == 0


def test_silence_begins_when_all_is_applied() -> None:
    assert silence_after([(3, 5), (5, 5)]) == 10
    assert silence_after([(3, 5), (5, 5), (5, 5), (5, 5)]) == 12


def test_an_empty_topic_is_silent() -> None:
    assert silence_after([(0, 0)]) == 10


def test_something_left_to_read_is_no_silence() -> None:
    assert silence_after([(5, 5), (5, 6)]) == 0


def test_an_unknown_end_is_no_silence() -> None:
    assert silence_after([(5, 5), (5, None)]) == 0


def test_records_between_two_looks_begin_it_anew() -> None:
    assert silence_after([(5, 5), (9, 9)]) == 10


def test_topics_and_partitions_are_silent_on_their_own() -> None:
    clock = Clock()
    idle_time = IdleTime(clock)
    idle_time.look(Topic.SALES, 0, 1, 1)
    clock.now = 3
    assert idle_time.seconds(Topic.SALES, 0) == 3
    assert idle_time.seconds(Topic.SALES, 1) == 0
    assert idle_time.seconds(Topic.CANCELLATIONS, 0) == 0
    idle_time.forget()
    assert idle_time.seconds(Topic.SALES, 0) == 0
