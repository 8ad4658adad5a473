"""From evidence to alerts: budgets, thresholds, the life of an alert."""
