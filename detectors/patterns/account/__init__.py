"""Patterns that judge a sale by what becomes of it, and of its account."""
