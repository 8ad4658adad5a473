"""The third stage: what all partitions saw of a day, merged into what is to be expected."""
