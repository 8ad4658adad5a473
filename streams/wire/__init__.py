"""What stands in topics and files: names, keys, headers."""
