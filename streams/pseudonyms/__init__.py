"""Ids under a key: what stands in topics and files says nothing to those who do not hold it."""
