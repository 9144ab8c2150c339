"""The longer verification of the engine: the checks of the tests, larger and with fresh seeds."""
