"""Study protocols: how each published number was observed, and what the model says to it."""
