"""What others may rely on: the topics that sources write to and that subscribers read."""
