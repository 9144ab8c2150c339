"""Slow and plain: the oracles that the fast code is tested against."""
