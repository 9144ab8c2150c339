"""The disease model: its language, its numbers, and how it is compiled."""
