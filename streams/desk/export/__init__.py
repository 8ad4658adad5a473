"""What leaves the desk as a file: cases as a table, the audit trail, one case as a whole."""
