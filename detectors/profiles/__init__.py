"""What profiles are made of: daily numbers, detectors over them, and settings that name both."""
