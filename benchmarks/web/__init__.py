"""How fast the page and the API answer, for one reader and for twenty at once."""
