"""The host: brings bytes to the detectors and carries their alerts away."""
