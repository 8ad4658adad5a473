"""From evidence to alerts: budgets, thresholds, the lifecycle of an alert."""
