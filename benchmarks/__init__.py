"""Benchmarks: each prints its figures beside its goals, and its peers in the same run."""
