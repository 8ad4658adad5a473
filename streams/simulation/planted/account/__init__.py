"""How the patterns look that judge what becomes of an account, when somebody is planted for them."""
