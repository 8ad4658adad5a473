"""Whether all workers and all topics still belong to one installation, before and while running."""
