"""Commands that read topics to their end: what the worker has published, or a whole log."""
