"""Faust's Kafka transport in batches: one event per fetched batch of one partition.

docs/transport.md has the states of a batch and what happens at a revoke, a crash, a seek and a
freeze.
"""
