"""Stores what a person decided in the topic ``decisions``."""

from kafka.errors import KafkaTimeoutError

from streams.broker.access import explained, require_topics
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerRefused
from streams.wire.decision_record import DecisionRecord
from streams.wire.topics import Topic, topic_name


def send_decision(
    bootstrap: str, prefix: str, record: DecisionRecord, security: BrokerSecurity
) -> str:
    """Store a decision; return where, as ``decisions[0]@17``, once the broker has it.

    Raises
    ------
    BrokerError
        The broker does not answer, or did not store it.
    """
    topic = topic_name(prefix, Topic.DECISIONS)
    require_topics(bootstrap, topic, security=security)
    with (
        explained(bootstrap),
        idempotent_producer(bootstrap, security, linger_milliseconds=0) as producer,
    ):
        future = producer.send(topic, record.value, key=record.key, headers=record.headers)
        producer.flush()
    if future.failed():
        unsure = isinstance(future.exception, KafkaTimeoutError)
        raise BrokerRefused(
            f"the broker at {bootstrap} did not say that it stored the decision "
            f"({type(future.exception).__name__}: {future.exception}). "
            + ("It may have stored it: look at the alert before you " if unsure else "Then ")
            + "decide again"
        )
    return f"{topic}[{future.value.partition}]@{future.value.offset}"
