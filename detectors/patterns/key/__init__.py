"""Patterns that judge a sale by others, on any account, that share a value with it."""
