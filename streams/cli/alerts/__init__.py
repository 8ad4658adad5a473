"""`aboveboard alerts`: alerts from Kafka for people, and what people decide about them."""
