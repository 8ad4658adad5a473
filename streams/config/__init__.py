"""Settings of the host, from the environment."""
