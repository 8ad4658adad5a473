"""The ceiling for clients in C: confluent-kafka, its consumer alone, with or without decoding."""

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from bench.engines.hosts.job import Job, Progress
from detectors.decoding import EventDecoder
from detectors.settings import Settings
from streams.wire.topics import EVENT_TOPICS

_BATCH = 1_000


def consume(job: Job) -> None:
    """Read all events once."""
    progress = Progress(job.progress)
    limits = Settings().limits
    decoders = {
        job.sources[topic]: EventDecoder(limits, kind).decode
        for topic, kind in EVENT_TOPICS.items()
    }
    consumer = Consumer(
        {"bootstrap.servers": job.broker, "group.id": job.run, "enable.auto.commit": False}
    )
    consumer.assign(
        [
            TopicPartition(name, number, OFFSET_BEGINNING)
            for name in decoders
            for number in range(job.partitions)
        ]
    )
    read = 0
    while read < job.events:
        messages = consumer.consume(_BATCH, 0.1)
        for message in messages:
            error = message.error()
            if error is not None:
                raise KafkaException(error)
            if job.decode:
                decoders[message.topic()](message.value())
        read += len(messages)
        progress.add(len(messages))
    consumer.close()


if __name__ == "__main__":
    consume(Job.of_this_process())
