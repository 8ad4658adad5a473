"""What is known of agents beside what they sold, as their master data tells it."""
