"""The second stage: outcomes in, evidence and alerts about agents out."""
