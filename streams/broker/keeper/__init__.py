"""Cases and decisions in Kafka: followed, stored, and read."""
