"""Commands that read what the worker has published."""
