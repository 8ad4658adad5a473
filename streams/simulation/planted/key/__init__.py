"""How the patterns look that judge a sale by others, when somebody is planted for them."""
