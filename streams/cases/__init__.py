"""The service that folds alerts and decisions into cases."""
