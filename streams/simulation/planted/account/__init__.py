"""How the patterns look that judge what becomes of accounts, where somebody is planted."""
