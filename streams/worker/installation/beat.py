"""A record that a worker writes now and then: whether the broker takes it, when, and who else does.

It is written as all outputs are, so that it meets what they would meet: a broker that takes no
writes, for want of copies in step, still answers every question. Its stamp tells the broker's time.
Workers of the same claim share a key, so that one record of all of them is left; a worker of
another claim has another key, and is seen.
"""

import asyncio
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from streams.broker.client_errors import KafkaError
from streams.broker.journal import KafkaJournal
from streams.wire.topics import Topic
from streams.worker.findings import Finding
from streams.worker.installation.broker_clock import BrokerClock
from streams.worker.installation.claim import BEAT, Claim, differences, read_claim

ANSWER_SECONDS: Final = 5.0
"""How long a beat may take before the broker counts as taking no writes."""

NOT_TAKEN: Final = Finding(
    "the broker takes no writes: no state can be written, and nothing that is read now is judged "
    "for good",
    "Look whether enough copies of our topics are in step (min.insync.replicas), and at the disks "
    "of the brokers",
)


class Heart:
    """Beats, and listens for the beats of others.

    Parameters
    ----------
    journal
        What outputs are written with, too.
    claim
        What this worker holds to.
    prefix
        That of the installation.
    clock
        Told of the stamp of every beat.
    """

    def __init__(
        self, journal: KafkaJournal, claim: Claim, prefix: str, clock: BrokerClock
    ) -> None:
        self._journal: Final = journal
        self._prefix: Final = prefix
        self._claim: Final = claim
        self._clock: Final = clock
        self._value: Final = claim.record()
        self._key: Final = BEAT + blake2b(self._value, digest_size=8).hexdigest().encode()
        self._pending: asyncio.Task[None] | None = None
        self._heard = 0

    async def beat(self) -> list[Finding]:
        """Write a beat; return what is wrong with writing, or with the clocks.

        One that the broker has not taken stays under way: the client goes on trying, and another
        one would only queue behind it.
        """
        if self._pending is None:
            self._pending = asyncio.create_task(self._write())
        done, _ = await asyncio.wait([self._pending], timeout=ANSWER_SECONDS)
        if not done:
            return [NOT_TAKEN]
        beat, self._pending = self._pending, None
        try:
            beat.result()
        except KafkaError:
            return [NOT_TAKEN]
        return [_skewed(self._clock)] if self._clock.disagrees else []

    async def listen(self) -> list[Finding]:
        """Read what was written since the last time; return who does not belong here."""
        reading = await self._journal.read(Topic.INSTALLATION, 0, self._heard)
        first = self._heard == 0
        self._heard = reading.end if reading.complete else 0
        # At first everything is read: whoever wrote then may be gone for long.
        return [] if first else others(self._claim, reading.entries, self._prefix)

    async def stop(self) -> None:
        """Wait for no beat any more."""
        if self._pending is not None:
            self._pending.cancel()
            await asyncio.gather(self._pending, return_exceptions=True)

    async def _write(self) -> None:
        sent = self._clock.moment()
        stamp = await self._journal.stamp(Topic.INSTALLATION, 0, self._key, self._value)
        self._clock.note(sent, self._clock.moment(), stamp)


def others(ours: Claim, entries: Mapping[bytes, bytes | None], prefix: str) -> list[Finding]:
    """Return a finding for every beat of a worker that holds to another claim."""
    found = [
        claim
        for key, value in entries.items()
        if key.startswith(BEAT) and value is not None and (claim := read_claim(value)) is not None
    ]
    return [
        Finding(
            f"another worker of this installation runs now and differs: {'; '.join(told)}",
            "Stop the one that is wrong",
        )
        for claim in found
        if (told := differences(claim, ours, prefix))
    ]


def _skewed(clock: BrokerClock) -> Finding:
    ahead = "ahead of" if clock.skew > 0 else "behind"
    return Finding(
        f"the broker's clock is {abs(clock.skew):.0f} s {ahead} the clock of this machine, and "
        f"{clock.tolerance:.0f} s is the most that changes nothing: no time is granted by silence",
        "Find out which of the two is wrong, and look at its time service (NTP)",
    )
