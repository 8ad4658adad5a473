"""What a notifier has in Kafka: its turn, its log, and the topics that it follows."""
