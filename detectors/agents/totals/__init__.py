"""What each agent adds to the totals of a cell."""
