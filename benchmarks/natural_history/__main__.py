"""``python -m benchmarks.natural_history``: one command, all engines, ratios in one run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.natural_history import memory, process, table
from benchmarks.natural_history.engines import ENGINES, OWN
from benchmarks.natural_history.exact import exact_values
from benchmarks.natural_history.runner import Settings, run_all
from benchmarks.natural_history.summary import Reports, exit_status, goals, summarise

# With fewer patients, too few live ten years for a 5-sigma check to mean anything.
SMALLEST_N = 10_000


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.natural_history", description=__doc__
    )
    add = parser.add_argument
    add("--n", type=int, default=100_000, help="patients per simulation (default 100000)")
    add("--repeats", type=int, default=5, help="turns per engine (default 5)")
    add("--seed", type=int, default=1)
    add(
        "--engine",
        action="append",
        choices=list(ENGINES),
        metavar="NAME",
        help=f"run only this one; may be repeated; one of: {', '.join(ENGINES)}",
    )
    add("--min-seconds", type=float, default=0.5, help="simulate at least so long per turn")
    add("--timeout", type=float, default=600.0, help="seconds for one turn (default 600)")
    add("--core", type=int, help="core to pin to (default: the last one allowed)")
    add("--peer-python", metavar="PATH", help="interpreter that has simpy and miscore-sim")
    add("--json", type=Path, metavar="FILE", help="also write every figure to this file")
    add("--memory", action="store_true", help="measure memory of `mesospread simulate` instead")
    add(
        "--memory-n",
        type=int,
        nargs="+",
        default=[100_000, 1_000_000, 10_000_000],
        metavar="N",
        help="cohort sizes for --memory, at least two",
    )
    add("--scratch", type=Path, metavar="DIR", help="where --memory may write for a while")
    return parser


def _problems(args: argparse.Namespace) -> list[str]:
    """Return what is wrong with the options, in words."""
    cores = process.allowed_cores()
    checks = [
        (args.n < SMALLEST_N, f"--n {args.n}: at least {SMALLEST_N} (a 5-sigma check needs it)"),
        (args.repeats < 1, f"--repeats {args.repeats}: at least 1"),
        (args.seed < 0, f"--seed {args.seed}: 0 or more"),
        (args.min_seconds < 0, f"--min-seconds {args.min_seconds:g}: 0 or more"),
        (args.timeout <= 0, f"--timeout {args.timeout:g}: more than 0"),
        (
            args.core is not None and args.core not in cores,
            f"--core {args.core}: must be one of {cores}",
        ),
        (
            args.peer_python is not None and shutil.which(args.peer_python) is None,
            f"--peer-python {args.peer_python}: no such program",
        ),
        (
            args.json is not None and not args.json.resolve().parent.is_dir(),
            f"--json {args.json}: the folder does not exist",
        ),
        (
            args.scratch is not None and not args.scratch.is_dir(),
            f"--scratch {args.scratch}: no such folder",
        ),
        (
            len(set(args.memory_n)) < 2 or min(args.memory_n) < 1,
            f"--memory-n {args.memory_n}: at least two different sizes, each at least 1",
        ),
        (
            args.memory and not memory.DEFINITION.is_file(),
            f"--memory: the model definition {memory.DEFINITION.name} is missing",
        ),
    ]
    return [text for wrong, text in checks if wrong]


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _machine() -> dict[str, Any]:
    """Describe the machine, so that figures can be read later."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load_1_min_at_start": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _write(path: Path | None, content: dict[str, Any]) -> None:
    if path is not None:
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _run_memory(args: argparse.Namespace) -> int:
    machine = _machine()
    try:
        figures = memory.measure_all(args.memory_n, args.scratch, args.timeout, _tell)
    except memory.SimulateFailed as error:
        _tell(f"mesospread simulate failed: {error}")
        return 1
    print(memory.memory_table(figures))
    _write(args.json, {"machine": machine, "memory": [asdict(figure) for figure in figures]})
    return 0 if memory.growth(figures) <= memory.GOAL_GROWTH else 1


def _report_absent(absent: dict[str, dict[str, Any]]) -> None:
    """Say loudly which engines did not run, and why."""
    for name, report in absent.items():
        if report["status"] == "not installed":
            remedy = "pip install " + ("-e ." if name == OWN else ENGINES[name].package)
            print(f"!! {name}: NOT INSTALLED ({report['problem']}): {remedy}")
        else:
            print(f"!! {name}: FAILED\n{report['problem']}")


def _settings(args: argparse.Namespace) -> Settings:
    cores = process.allowed_cores()
    return Settings(
        engines=tuple(name for name in ENGINES if not args.engine or name in args.engine),
        n=args.n,
        repeats=args.repeats,
        seed=args.seed,
        warm_up=SMALLEST_N,
        min_seconds=args.min_seconds,
        timeout_seconds=args.timeout,
        core=args.core if args.core is not None else (cores or [-1])[-1],
        peer_python=args.peer_python,
    )


def _heading(settings: Settings, machine: dict[str, Any]) -> str:
    pinned = f"pinned to core {settings.core}" if settings.core >= 0 else "NOT pinned to a core"
    return (
        f"{settings.n:,} patients × {settings.repeats} repeats, engines taking turns, {pinned}, "
        f"one thread; {machine['cpu']}, {machine['cores']} cores, "
        f"load {machine['load_1_min_at_start']:.1f}, Python {machine['python']}\n"
    )


def _run_speed(args: argparse.Namespace) -> int:
    settings = _settings(args)
    machine = _machine()
    reports: Reports = {}
    absent: dict[str, dict[str, Any]] = {}
    for name, repeat, report in run_all(settings, _tell):
        if report["status"] == "ok":
            reports.setdefault(name, {})[repeat] = report
        else:
            absent[name] = report
    exact = exact_values()
    summaries = {name: summarise(name, reports, exact) for name in reports}
    reached = goals(summaries)
    print(_heading(settings, machine))
    if summaries:
        print(table.speed_table(list(summaries.values())) + "\n")
        print(table.agreement_table(list(summaries.values()), exact) + "\n")
    print(table.goal_table(reached))
    _report_absent(absent)
    content = {
        "machine": machine,
        "settings": asdict(settings),
        "exact": asdict(exact),
        "reports": reports,
        "absent": absent,
        "summaries": {name: asdict(s) | {"agrees": s.agrees} for name, s in summaries.items()},
        "goals": [asdict(goal) | {"verdict": goal.verdict} for goal in reached],
    }
    _write(args.json, content)
    return exit_status(summaries, absent)


def main() -> int:
    """Run the benchmark."""
    parser = _parser()
    args = parser.parse_args()
    problems = _problems(args)
    if problems:
        parser.error("; ".join(problems))
    return _run_memory(args) if args.memory else _run_speed(args)


if __name__ == "__main__":
    sys.exit(main())
