"""The engines, in the order in which they run.

Each module has ``run(n, seed) -> Result`` and imports only what it needs, so that
it also runs in an interpreter that has nothing of ours (``--peer-python``).
"""

from typing import NamedTuple


class Engine(NamedTuple):
    """How to find, show and install one engine.

    Attributes
    ----------
    module
        Module in this package; also the name on the command line.
    title
        What the table says.
    package
        Distribution that must be installed.
    imports
        Top-level module that the distribution provides.
    kind
        ``own``, ``numpy`` (hand-written NumPy) or ``peer``.
    """

    module: str
    title: str
    package: str
    imports: str
    kind: str


OWN = "mesospread_engine"
MISCORE = "miscore_engine"

ENGINES = {
    engine.module: engine
    for engine in (
        Engine(OWN, "mesospread", "mesospread", "mesospread", "own"),
        Engine("numpy_gillespie", "NumPy, as a user writes it", "numpy", "numpy", "numpy"),
        Engine("numpy_inversion", "NumPy inversion, no time loop", "numpy", "numpy", "numpy"),
        Engine("numpy_tuned", "NumPy inversion, tuned to this model", "numpy", "numpy", "numpy"),
        Engine(MISCORE, "miscore-sim", "miscore-sim", "miscore", "peer"),
        Engine("simpy_engine", "simpy, one process per patient", "simpy", "simpy", "peer"),
    )
}
