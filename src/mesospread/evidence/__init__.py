"""Published values as data, each with its source."""
