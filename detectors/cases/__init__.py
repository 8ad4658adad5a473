"""Cases: the alerts of one subject, with what people decided about them. A pure fold."""
