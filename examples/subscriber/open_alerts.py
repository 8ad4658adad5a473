"""Prints every open alert: reads the topic `alerts-current` from the start to its present end.

pip install kafka-python, then: python open_alerts.py localhost:9092 alerts-current
"""

import json
import sys

from kafka import KafkaConsumer, TopicPartition


def main(bootstrap: str = "localhost:9092", topic: str = "alerts-current") -> None:
    """Print them, one a line; JSON shows what would command a terminal as escapes."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    found = {}
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                alert = None if record.value is None else json.loads(record.value)
                # Without a value it is an erasure: as a withdrawal and an end, it takes one away.
                if alert is not None and alert["status"] == "open":
                    found[record.key.decode()] = alert
                else:
                    found.pop(record.key.decode(), None)
    consumer.close()
    for alert_id, alert in found.items():
        print(json.dumps([alert_id, alert["severity"], alert["summary"]]))


if __name__ == "__main__":
    main(*sys.argv[1:])
