"""The errors of the Kafka client, for callers outside this package.

A worker writes the same sentence for a broker that went away as the client does; wrapping each of
its errors in one of ours would add a name and no knowledge.
"""

from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError

__all__ = ["ConsumerStoppedError", "IllegalStateError", "KafkaError"]
