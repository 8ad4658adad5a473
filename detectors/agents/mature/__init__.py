"""The tier at maturity: sales are judged once their window has passed."""
