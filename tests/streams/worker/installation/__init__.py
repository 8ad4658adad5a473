"""Of a worker and its installation."""
