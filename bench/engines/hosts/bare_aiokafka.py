"""The ceiling for clients in Python: aiokafka, its consumer alone, with or without decoding."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.engines.hosts.job import Job, Progress
from detectors.decoding import EventDecoder
from detectors.settings import Settings
from streams.wire.topics import EVENT_TOPICS


async def consume(job: Job) -> None:
    """Read all events once."""
    progress = Progress(job.progress)
    limits = Settings().limits
    decoders = {
        job.sources[topic]: EventDecoder(limits, kind).decode
        for topic, kind in EVENT_TOPICS.items()
    }
    consumer = AIOKafkaConsumer(bootstrap_servers=job.broker, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [
            TopicPartition(name, number) for name in decoders for number in range(job.partitions)
        ]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        read = 0
        while read < job.events:
            for place, records in (await consumer.getmany(timeout_ms=100)).items():
                if job.decode:
                    decode = decoders[place.topic]
                    for record in records:
                        decode(record.value)
                read += len(records)
                progress.add(len(records))
    finally:
        await consumer.stop()


if __name__ == "__main__":
    asyncio.run(consume(Job.of_this_process()))
