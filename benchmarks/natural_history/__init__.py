"""The reference natural history in this engine, in NumPy and in the peers."""
