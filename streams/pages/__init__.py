"""The pages that a service answers over HTTP: what it measured, whether it is alive, and ready."""
