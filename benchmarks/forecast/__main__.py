"""``python -m benchmarks.forecast``: one forecast, its goals, and the plain form in one run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.forecast import cold, table
from benchmarks.forecast.agreement import Comparison, agreement, from_reports
from benchmarks.forecast.batch import GOAL_PATIENTS, BatchFigure
from benchmarks.forecast.patients import Person, examples, typical
from benchmarks.forecast.runner import Failed, Settings, run_child
from benchmarks.forecast.summary import goals, peer, pooled, timing, yardstick
from benchmarks.natural_history import process

#: typical patients for whom the command line is run, beside the examples
_COLD_PEOPLE = 3


@dataclass(frozen=True)
class Everybody:
    """Whom this is about."""

    shipped: list[Person]
    simulated: list[Person]

    @property
    def all(self) -> list[Person]:
        """The examples first: they warm up a process."""
        return [*self.shipped, *self.simulated]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast", description=__doc__)
    usual = Settings()
    add = parser.add_argument
    add("--people", type=int, default=usual.people, help="typical patients (default 20)")
    add("--repeats", type=int, default=usual.repeats, help="times for each of them (default 3)")
    add("--cold", type=int, default=usual.cold, help="runs of the command line each; 0: none")
    add("--batch", type=int, default=usual.batch, help="patients of the batch; 0: no batch")
    add("--full", action="store_true", help=f"a batch of {GOAL_PATIENTS:,} patients")
    add("--profile", action="store_true", help="only show where the time goes")
    add("--seed", type=int, default=usual.seed)
    add("--plain-paths", type=int, default=usual.plain_paths, help="histories per draw, plain form")
    add("--timeout", type=float, default=usual.timeout_seconds, help="seconds for one part")
    add("--core", type=int, help="core to pin to (default: the last one allowed)")
    add("--json", type=Path, metavar="FILE", help="also write every figure to this file")
    return parser


def _problems(args: argparse.Namespace) -> list[str]:
    """Return what is wrong with the options, in words."""
    cores = process.allowed_cores()
    checks = [
        (args.people < 1, f"--people {args.people}: at least 1"),
        (args.repeats < 1, f"--repeats {args.repeats}: at least 1"),
        (args.cold < 0, f"--cold {args.cold}: 0 or more"),
        (args.batch < 0 or args.batch == 1, f"--batch {args.batch}: 0, or at least 2"),
        (args.seed < 0, f"--seed {args.seed}: 0 or more"),
        (args.plain_paths < 16, f"--plain-paths {args.plain_paths}: at least 16"),
        (args.timeout <= 0, f"--timeout {args.timeout:g}: more than 0"),
        (
            args.core is not None and args.core not in cores,
            f"--core {args.core}: must be one of {cores}",
        ),
        (
            args.json is not None and not args.json.resolve().parent.is_dir(),
            f"--json {args.json}: the folder does not exist",
        ),
    ]
    return [text for wrong, text in checks if wrong]


def _settings(args: argparse.Namespace) -> Settings:
    return Settings(
        people=args.people,
        repeats=args.repeats,
        cold=args.cold,
        batch=GOAL_PATIENTS if args.full else args.batch,
        seed=args.seed,
        core=args.core if args.core is not None else (process.allowed_cores() or [-1])[-1],
        plain_paths=args.plain_paths,
        timeout_seconds=args.timeout,
    )


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _task(settings: Settings, people: Sequence[Person], **more: Any) -> dict[str, Any]:
    return {
        "core": settings.core,
        "seed": settings.seed,
        "effort": dict(settings.effort),
        "people": [asdict(person) for person in people],
        **more,
    }


def _compared(settings: Settings, people: Sequence[Person]) -> list[Comparison]:
    _tell(f"both forms, {len(people)} patients …")
    task = _task(settings, people, plain_paths=settings.plain_paths)
    report = run_child("compare", task, settings.timeout_seconds)
    return from_reports(report["comparisons"])


def _warm(settings: Settings, people: Sequence[Person]) -> dict[str, list[dict[str, Any]]]:
    """Forecast everybody in every repeat, each repeat with another seed."""
    reports: dict[str, list[dict[str, Any]]] = {person.name: [] for person in people}
    for repeat in range(settings.repeats):
        task = _task(settings, people, seed=settings.seed + repeat)
        made = run_child("warm", task, settings.timeout_seconds)["forecasts"]
        for report in made:
            reports[report["name"]].append(report)
        _tell(f"repeat {repeat + 1}/{settings.repeats}: {timing(made).median * 1e3:.0f} ms")
    return reports


def _cold(settings: Settings, everybody: Everybody) -> tuple[float, dict[str, list[float]]]:
    if not settings.cold:
        return 0.0, {}
    people = [*everybody.shipped, *everybody.simulated[:_COLD_PEOPLE]]
    with tempfile.TemporaryDirectory(prefix="mesospread-benchmark-") as folder:
        return cold.measure(people, settings.cold, Path(folder), settings.timeout_seconds, _tell)


def _batch(settings: Settings) -> BatchFigure | None:
    if not settings.batch:
        return None
    _tell(f"batch of {settings.batch:,} patients …")
    # all cores: not pinned
    task = _task(settings, [], patients=settings.batch, core=-1)
    return BatchFigure(**run_child("batch", task, settings.timeout_seconds))


def _heading(settings: Settings) -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    pinned = f"pinned to core {settings.core}" if settings.core >= 0 else "NOT pinned to a core"
    return (
        f"{settings.people} typical patients × {settings.repeats} repeats, {pinned}, one thread; "
        f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )


def run(settings: Settings, json_file: Path | None = None) -> int:
    """Run the benchmark: first whether both forms agree, then the times.

    Returns
    -------
    int
        1 if they do not agree; a goal that is missed changes nothing, since it depends on
        the machine.
    """
    load_before = os.getloadavg()[0]
    everybody = Everybody(examples(), typical(settings.people, settings.seed))
    comparisons = _compared(settings, everybody.all)
    found = agreement(comparisons)
    print(f"{_heading(settings)}\n\n{table.agreement_text(found)}\n")
    if not found.agrees:
        print("no times are taken of forms that do not agree")
        return 1
    reports = _warm(settings, everybody.all)
    first, cold_seconds = _cold(settings, everybody)
    batch = _batch(settings)
    names = {person.name for person in everybody.simulated}
    of_typical = [c for c in comparisons if c.name in names]
    warm, plain = timing(pooled(reports, everybody.simulated)), peer(of_typical)
    reached = goals(warm, plain, cold_seconds, comparisons, batch)
    middle, low, high = yardstick(reports)
    print(table.patient_table(everybody.all, reports, comparisons) + "\n")
    if plain:
        print(table.peer_text(plain))
    if cold_seconds:
        print(table.cold_text(first, cold_seconds))
    if batch:
        print(table.batch_text(batch))
    print(
        f"machine: a fixed piece of work took {1e3 * middle:.1f} ms (5th to 95th percentile "
        f"{1e3 * low:.1f}–{1e3 * high:.1f}); a forecast waited for its core at most "
        f"{100 * warm.waiting:.0f} % of its time (median without waiting: "
        f"{1e3 * warm.cpu_median:.0f} ms); load {load_before:.1f} before, "
        f"{os.getloadavg()[0]:.1f} after\n"
    )
    print(table.goal_table(reached))
    if json_file is not None:
        content = {
            "settings": asdict(settings),
            "agreement": asdict(found) | {"verdict": found.verdict},
            "comparisons": [asdict(c) for c in comparisons],
            "forecasts": reports,
            "typical": asdict(warm),
            "plain": asdict(plain) if plain else None,
            "cold": {"first": first, "seconds": cold_seconds},
            "batch": asdict(batch) if batch else None,
            "goals": [asdict(g) | {"verdict": g.verdict, "ratio": g.ratio} for g in reached],
        }
        json_file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return 0


def profile(settings: Settings, json_file: Path | None = None) -> int:
    """Show where the time of the forecasts of typical patients goes."""
    people = typical(settings.people, settings.seed)
    report = run_child("stages", _task(settings, people), settings.timeout_seconds)
    if not report["stages"]:
        print("no forecast was made: all patients were refused")
        return 1
    print(f"{_heading(settings)}\n\n{table.stage_table(report['stages'])}")
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def main() -> int:
    """Run the benchmark from the command line."""
    parser = _parser()
    args = parser.parse_args()
    problems = _problems(args)
    if problems:
        parser.error("; ".join(problems))
    try:
        return (profile if args.profile else run)(_settings(args), args.json)
    except Failed as error:
        _tell(f"failed: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
