"""What one event does to its account, and to the verdicts on its sales."""
