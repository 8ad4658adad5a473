"""What is told to whoever pays commissions: release, claw back, hold."""
