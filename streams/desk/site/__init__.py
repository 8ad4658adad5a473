"""What every page is made of: templates, words, dates and numbers."""
