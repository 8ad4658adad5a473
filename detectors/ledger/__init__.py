"""The first stage: events in, outcomes out, one account at a time."""
