"""Commands about the data of people."""
