"""Ledgers of accounts and of keys over a log, without the stages after them."""

from collections.abc import Callable, Sequence
from random import Random

from hypothesis import strategies as st

from detectors.basis.event_time import Seconds, seconds_at
from detectors.events.event import AnyEvent
from detectors.keys.stage import Keys
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.mentions import MentionBundle
from detectors.messages.outcomes import Outcome
from detectors.settings import Settings
from tests.detectors.channels import Channel, copied, place_of
from tests.detectors.worlds import END, SETTINGS

MakeKeys = Callable[[int, int], Keys]
"""Of the number of a partition, and how many ledgers there are."""


def of_type(keys: type[Keys], settings: Settings = SETTINGS) -> MakeKeys:
    return lambda number, ledgers: keys(settings, number, ledgers)


def mentions_of(
    events: Sequence[AnyEvent], ledgers: int, keys: int, every: int, settings: Settings = SETTINGS
) -> list[list[Channel[MentionBundle]]]:
    """Return what each ledger sends to each partition of the keys, drained now and then."""
    channels = []
    for number in range(ledgers):
        ledger, clock = Ledger(settings, number), EventClock(settings.time, ("events",))
        sent = [Channel[MentionBundle]() for _ in range(keys)]
        own = [one for one in events if place_of(one.account_id, ledgers) == number]
        for count, event in enumerate(own):
            ledger.apply(event)
            clock.observe("events", seconds_at(event.occurred_at), event.account_id)
            ledger.advance(clock.watermark())
            if count % every == 0:
                _drain(ledger, sent)
        ledger.advance(Seconds(END))
        _drain(ledger, sent)
        channels.append(sent)
    return channels


def _drain(ledger: Ledger, sent: list[Channel[MentionBundle]]) -> None:
    output = ledger.drain()
    for place, channel in enumerate(sent):
        own = [one for one in output.mentions if one.value % len(sent) == place]
        touches = [one for one in output.touches if one.value % len(sent) == place]
        told = (output.bundle.ledger_partition, output.bundle.watermark, own)
        staff = [one for one in output.staff if one.value % len(sent) == place]
        channel.append(MentionBundle(*told, touches=touches, staff=staff))


def said(
    events: Sequence[AnyEvent],
    make: MakeKeys,
    random: Random,
    *,
    ledgers: int = 1,
    keys: int = 1,
    restarts: bool = False,
    settings: Settings = SETTINGS,
) -> list[Outcome]:
    """Return all outcomes, with the messages mixed and repeated by chance; sorted."""
    channels = mentions_of(events, ledgers, keys, random.choice((1, 7, 10_000)), settings)
    outcomes: list[Outcome] = []
    for number in range(keys):
        stage = make(number, ledgers)
        mine = [sent[number] for sent in channels]
        while any(channel.delivered < len(channel) for channel in mine):
            bundle = random.choice(mine).pop_one(random, repeats=True)
            if bundle is not None:
                stage.receive(copied(bundle))
            if random.random() < 0.5:
                outcomes += stage.drain().outcomes
            if restarts and random.random() < 0.2:
                outcomes += stage.drain().outcomes
                saved, stage = stage.snapshot(), make(number, ledgers)
                stage.restore(saved)
        outcomes += stage.drain().outcomes
    return sorted(outcomes, key=order)


def order(one: Outcome) -> tuple[Seconds, str, str, str, int]:
    """Return what outcomes are sorted by."""
    return (one.known_at, one.account_id, one.sale_id, one.pattern, one.before)


def randoms() -> st.SearchStrategy[Random]:
    return st.randoms(use_true_random=True)
