"""How people log in to the desk and out of it, by the browser."""
