"""What is suspicious and how sure we are: pure functions of the event log."""
