"""Events and settings in files, and detection over them."""
