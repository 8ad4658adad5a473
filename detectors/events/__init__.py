"""What a source system says happened, and what people decided."""
