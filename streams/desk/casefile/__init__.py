"""What a case rests on: its alerts over time, the sales they name, and the figures recomputed."""
