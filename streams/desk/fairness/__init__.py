"""Does the detector come down harder on somebody? Alert rates of groups, and of nobody alone."""
