"""How much one person, or one connection, may ask of the desk."""
