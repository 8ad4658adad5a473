"""`aboveboard demo`: an embedded broker, a worker and a report, on one machine."""
