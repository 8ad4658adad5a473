"""What a source system says happened."""
