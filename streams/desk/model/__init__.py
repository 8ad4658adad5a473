"""The read model: what the topics have told so far, in SQLite, to be thrown away and read again."""
