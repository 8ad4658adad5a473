"""The service around the stages: host, progress, health, shutdown."""
