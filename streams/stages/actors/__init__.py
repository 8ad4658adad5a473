"""The stages as Kafka sees them: records in, records and state out. Knows no Faust."""
