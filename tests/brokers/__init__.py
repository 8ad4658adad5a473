"""Kafka brokers for the tests: where they come from and which of them a test gets."""
