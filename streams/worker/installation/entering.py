"""The comparison of a worker with its installation, before it joins the group."""

from streams.broker.cluster_view import NO_ID, ClusterView
from streams.broker.journal import KafkaJournal
from streams.errors import InstallationMismatch, MissingTopics
from streams.stages.state.head import require_one_release
from streams.wire.topics import CATALOGUE, Topic, topic_name
from streams.worker.installation.claim import (
    OUTPUTS,
    Claim,
    Terms,
    differences,
    first_claim,
    new_key,
)
from streams.worker.installation.eye import Eye
from streams.worker.installation.judgement import Judge, stranger


async def enter(eye: Eye, journal: KafkaJournal, prefix: str, terms: Terms) -> tuple[Claim, Judge]:
    """Compare a worker with its installation, or write down what the installation is.

    Returns
    -------
    What the worker holds to, and a judge of what may change from here on.

    Raises
    ------
    InstallationMismatch
        If it differs, or a stranger is in its group; names each difference and the remedy.
    IncompatibleSnapshot
        If another release has written there, whose claim cannot be read.
    BrokerError, aiokafka.errors.KafkaError
        If the broker does not answer or will not tell, or a topic is missing.
    """
    seen = await eye.look()
    if missing := [name for name in eye.names if name not in seen.topics]:
        raise MissingTopics(f"topics were removed just now: {', '.join(missing)}")
    judge, ours = Judge(prefix, seen), claim_of(seen, prefix, terms)
    told = differences(ours, await _agreed(journal, ours), prefix)
    told += [stranger(member, eye.names).sentences for member in judge.strangers(seen)]
    if told:
        raise InstallationMismatch("; ".join(told))
    return ours, judge


def claim_of(seen: ClusterView, prefix: str, terms: Terms) -> Claim:
    """Return what a worker claims that sees these topics."""
    views = {plan.topic: seen.topics[topic_name(prefix, plan.topic)] for plan in CATALOGUE}
    read = views.keys() - OUTPUTS - {Topic.INSTALLATION}
    return Claim(
        {
            topic.value: views[topic].id
            for topic in views
            if topic in read and views[topic].id != NO_ID
        },
        {topic.value: view.partitions for topic, view in views.items()},
        terms,
    )


async def _agreed(journal: KafkaJournal, ours: Claim) -> Claim:
    """Return the claim that holds: the first there is, which is ours where there was none."""
    reading = await journal.read(Topic.INSTALLATION, 0)
    # A claim under the seal of another release is one, and cannot be read here.
    require_one_release(reading.foreign)
    if (theirs := first_claim(reading.entries)) is not None:
        return theirs
    await journal.write(Topic.INSTALLATION, 0, {new_key(): ours.record()})
    # Another worker may have written between our look and our record.
    return first_claim((await journal.read(Topic.INSTALLATION, 0)).entries) or ours
