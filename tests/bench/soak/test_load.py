"""The load keeps as many accounts open as it was asked for."""

import tomllib
from datetime import timedelta
from itertools import chain

from bench.soak.load import FULL_AFTER, REMEMBERED, SETTINGS, Load
from detectors.basis.event_time import Seconds
from detectors.decoding import EventDecoder
from detectors.ledger.stage import Ledger
from detectors.pipeline import Pipeline
from detectors.settings import read_settings
from streams.wire.topics import EVENT_TOPICS

ACCOUNTS = 2_000
PARTITIONS = 4


def test_every_event_can_be_applied_and_the_accounts_stay_as_many() -> None:
    settings = read_settings(tomllib.loads(SETTINGS))
    decoders = {topic: EventDecoder(settings.limits, kind) for topic, kind in EVENT_TOPICS.items()}
    ledger, load = Ledger(settings), Load(ACCOUNTS, PARTITIONS)
    counts = []
    outcomes = 0
    for number in range(3 * ACCOUNTS):
        for record in load.step(number):
            event = decoders[record.topic].decode(record.value)
            assert event.account_id.encode() == record.key
            assert ledger.apply(event)
            ledger.advance(Seconds(event.occurred_at.timestamp() - 3_600))
        if number % 100 == 0:
            outcomes += len(ledger.drain().bundle.outcomes)
            counts.append(len(ledger))
    full = counts[len(counts) // 2 :]
    assert min(full) > 0.97 * ACCOUNTS
    assert max(full) < 1.03 * ACCOUNTS
    assert outcomes > ACCOUNTS


def test_the_state_of_the_agents_is_full_when_it_is_said_to_be() -> None:
    settings = read_settings(tomllib.loads(SETTINGS))
    decode = EventDecoder(settings.limits).decode
    pipeline, load = Pipeline(settings), Load(ACCOUNTS, PARTITIONS)
    a_day = int(ACCOUNTS * timedelta(days=1) / REMEMBERED)
    sizes = []
    for day in range(3 * FULL_AFTER.days):
        for number in range(day * a_day, (day + 1) * a_day):
            for record in load.step(number):
                pipeline.apply(decode(record.value))
        pipeline.alerts()
        sizes.append(len(pipeline.snapshot()))
    full = sizes[FULL_AFTER.days :]
    half = len(full) // 2
    assert max(full[half:]) < 1.03 * max(full[:half])
    assert max(full[half:]) > 1.1 * max(sizes[: REMEMBERED.days])


def test_times_never_go_back_and_all_about_an_account_stands_in_one_partition() -> None:
    load = Load(ACCOUNTS, PARTITIONS)
    records = list(chain.from_iterable(map(load.step, range(ACCOUNTS))))
    times = [record.value.partition(b'"occurred_at":"')[2][:26] for record in records]
    assert times == sorted(times)
    places: dict[bytes, int] = {}
    assert all(places.setdefault(r.key, r.partition) == r.partition for r in records)
    assert set(places.values()) == set(range(PARTITIONS))
