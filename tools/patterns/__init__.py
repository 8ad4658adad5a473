"""The page about the patterns, written from their files."""
