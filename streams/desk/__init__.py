"""The desk: shows alerts and cases to people whom it knows, and takes their decisions."""
