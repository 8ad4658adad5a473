"""The third stage: what all partitions reported of a day, merged into expectations."""
