"""What every other package uses: errors, durations, times, ids, saved state."""
