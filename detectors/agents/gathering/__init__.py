"""From bundles of outcomes to the trials of one day."""
