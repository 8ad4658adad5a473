"""What agents had to do with customers: interactions, and accesses to their data."""
