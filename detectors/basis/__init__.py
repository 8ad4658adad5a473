"""Words without which nothing else can be said: errors, durations, times, ids."""
