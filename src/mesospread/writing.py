"""Write a file whole or not at all, with a clear error."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from mesospread.errors import OutputError


def write_whole(path: Path, content: bytes, problem: str = "cannot write") -> None:
    """Write a file under its name only when it is complete.

    Parameters
    ----------
    path
        The file; one of this name is replaced.
    content
        All of it.
    problem
        What the error says.

    Raises
    ------
    OutputError
        If it cannot be written; nothing is left behind.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError as reason:
        raise OutputError(
            problem,
            where=str(path),
            given=reason.strerror or str(reason),
            remedy="Choose a folder that exists, may be written to and has room",
        ) from None
    finally:
        # where even this fails, the folder itself is the problem, and that has been said
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
