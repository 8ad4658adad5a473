"""What compliance reads: one page, or the same as text, on what was found and what was not seen."""
