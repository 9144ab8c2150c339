"""The tests; a package so that the verification can use what they share."""
