"""Patterns that judge a sale by what its own event says of it."""
