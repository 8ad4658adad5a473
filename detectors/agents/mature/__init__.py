"""The mature tier: sales are judged once their window has passed."""
