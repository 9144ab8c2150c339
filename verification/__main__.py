"""The command: ``python -m verification [--list] [--only ID] [--n-scale X] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import math
import platform
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mesospread import __version__
from verification.decision import FAMILY_ERROR, Look, reds
from verification.registry import REGISTRY, Check
from verification.runner import Result, run, select


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verification; return 1 if any check is red."""
    options = _parser().parse_args(arguments)
    try:
        checks = select(REGISTRY, options.only)
    except ValueError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    if options.list:
        print(catalogue(checks))
        return 0
    if not (math.isfinite(options.n_scale) and options.n_scale > 0):
        print(f"error: --n-scale must be above 0, not {options.n_scale}", file=sys.stderr)
        return 2
    seed = secrets.randbits(48) if options.seed is None else options.seed
    print(f"mesospread {__version__}, seed {seed} (--seed {seed} repeats this run)", flush=True)
    begun = time.perf_counter()
    results = run(checks, seed, options.n_scale, say=lambda line: print(line, flush=True))
    seconds = time.perf_counter() - begun
    print(table(results))
    red = reds(r.verdict for r in results)
    print(f"\n{len(results)} checks in {seconds:.0f} s, {red} red")
    if options.json:
        record = as_record(results, seed, options.n_scale, seconds)
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 1 if red else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verification",
        description="Check the engine against exact answers, with fresh random numbers.",
    )
    parser.add_argument("--list", action="store_true", help="list the checks and stop")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ID",
        help="run the checks whose id begins with this (may be given several times)",
    )  # fmt: skip
    parser.add_argument(
        "--n-scale", type=float, default=1.0, metavar="X",
        help="multiply all sample sizes; below 1 the smallest errors are no longer seen",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, help="repeat a run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    return parser


def catalogue(checks: Sequence[Check]) -> str:
    """Describe all checks in words."""
    lines = []
    for c in checks:
        size = f"{c.n_subjects} subjects of {c.n:,} patients; {c.decision}"
        lines += [c.id, f"    {c.claim}", f"    against: {c.reference}", f"    {size}"]
    return "\n".join([*lines, f"{len(checks)} checks"])


def table(results: Sequence[Result]) -> str:
    """Lay the results out as a table."""
    head = ("check", "verdict", "subjects", "patients", "statistics", "max |z|", "p", "seconds")
    rows = [head]
    for r in results:
        look = r.looks[-1]
        z = [s.z for s in look.scores if s.kind != "exact"]
        rows.append(
            (
                r.check.id,
                r.verdict + (" (2 looks)" if len(r.looks) > 1 else ""),
                str(r.check.n_subjects),
                f"{look.n:,}",
                f"{len(look.scores):,}",
                f"{max(z):.2f}" if z else "equal" if look.p > 0 else "differs",
                f"{look.p:.2g}",
                f"{sum(each.seconds for each in r.looks):.1f}",
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if k < 2 else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def as_record(
    results: Sequence[Result], seed: int, n_scale: float, seconds: float
) -> dict[str, Any]:
    """Return the results as they are written to a file."""
    return {
        "software": {
            "mesospread": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "seed": seed,
        "n_scale": n_scale,
        "family_error": FAMILY_ERROR,
        "seconds": round(seconds, 1),
        "checks": [
            {
                "id": r.check.id,
                "claim": r.check.claim,
                "reference": r.check.reference,
                "decision": r.check.decision,
                "smallest_error": r.check.smallest_error,
                "subjects": r.check.n_subjects,
                "verdict": r.verdict,
                "looks": [_look(look) for look in r.looks],
            }
            for r in results
        ],
    }


def _look(look: Look) -> dict[str, Any]:
    p = [s.p for s in look.scores if s.kind != "exact"]
    worst = look.worst
    return {
        "seed": look.seed,
        "patients": look.n,
        "statistics": len(look.scores),
        "p": look.p,
        "max_z": max((s.z for s in look.scores if s.kind != "exact"), default=None),
        # flat if nothing is wrong
        "p_values_by_tenth": np.histogram(p, 10, (0.0, 1.0))[0].tolist() if p else None,
        "worst": None
        if worst is None
        else {"name": worst.name, "kind": worst.kind, "p": worst.p, "n": worst.n,
              "detail": worst.detail},
        "refused": list(look.refused),
        "seconds": round(look.seconds, 1),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
