"""The page and the REST API: thin, stateless, and offline."""
