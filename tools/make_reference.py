"""Write docs/reference from the program itself: schemas, options, names, numbers, sources.

    python tools/make_reference.py

Nothing in that folder is edited by hand. tests/docs fails when it is out of date.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from typer.main import get_command
from typer.testing import CliRunner

from mesospread.anatomy import primaries, primary
from mesospread.cli.main import app
from mesospread.evidence.published import PublishedValue, load_published
from mesospread.infer.result import Comparison, Forecast
from mesospread.model.calibrated import LENDER, shipped_posterior
from mesospread.model.definition import Definition, Parameter
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.load import disease, observation, treatments
from mesospread.patient.records import Patient
from mesospread.patient.vocabulary import MODALITIES
from mesospread.studies.protocol import Study
from mesospread.trials.design import TrialDesign
from mesospread.trials.result import TrialResult

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
COMMAND = "python tools/make_reference.py"
NOTICE = f"<!-- Written by {COMMAND}; do not edit. -->\n\n"
PRIMARIES = [p.name for p in primaries()]
SCHEMAS: dict[str, type[BaseModel]] = {
    "definition": Definition,
    "treatments": TreatmentLibrary,
    "observation": ObservationModel,
    "patient": Patient,
    "forecast": Forecast,
    "comparison": Comparison,
    "study": Study,
    "trial": TrialDesign,
    "trial_result": TrialResult,
}


def pages() -> dict[str, str]:
    """Return the text of every file of the reference, by name."""
    written = {f"{name}.schema.json": schema(model) for name, model in SCHEMAS.items()}
    written["cli.md"] = NOTICE + cli()
    written["names.md"] = NOTICE + names()
    written |= {numbers_page(p): NOTICE + parameters(p) for p in PRIMARIES}
    written["sources.md"] = NOTICE + sources()
    return written


def schema(model: type[BaseModel]) -> str:
    """Return the JSON schema of a file format."""
    mode = "serialization" if model in (Forecast, Comparison, TrialResult) else "validation"
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode=mode),  # type: ignore[arg-type]
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def cli() -> str:
    """Return what ``--help`` prints, for the program and for each command."""
    parts = ["# Commands\n\nWhat `--help` prints.\n"]
    for command in ("", *sorted(get_command(app).commands)):  # type: ignore[attr-defined]
        words = command.split()
        result = CliRunner().invoke(
            app, [*words, "--help"], prog_name="mesospread", env={"COLUMNS": "90"}
        )
        assert result.exit_code == 0, result.output
        # the number of cores belongs to the machine, not to the manual
        told = result.output.replace(f"[default: {os.cpu_count()}; ", "[default: all cores; ")
        lines = "\n".join(line.rstrip() for line in told.strip().splitlines())
        title = " ".join(["mesospread", *words])
        parts.append(f"## {title}\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def names() -> str:
    """Return the names a patient file may use, with other spellings, by primary."""
    parts = [
        "# Names in a patient file\n",
        "Upper and lower case make no difference. Sites, treatments and symptoms differ between "
        "the primaries; examinations are the same.\n",
        *(f"- [{primary(p).label}](#{_slug(primary(p).label)})" for p in PRIMARIES),
        "\n## Scans and other examinations\n",
        table(
            ("write", "or"),
            ((f"`{name}`", ", ".join(others)) for name, others in MODALITIES.words.items()),
        ),
    ]
    return "\n".join([*parts, *(part for p in PRIMARIES for part in _names_of(p))])


def _slug(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _names_of(name: str) -> list[str]:
    """Return the sites, treatments and symptoms of one primary."""
    seen = observation(name)
    return [
        f"## {primary(name).label}\n",
        f'`primary = "{name}"`\n',
        table(
            ("site", "or", "distant (M1)"),
            (
                (
                    f"`{site.name}`",
                    ", ".join([site.label, *site.synonyms]),
                    "yes" if site.name in seen.distant_sites else "",
                )
                for site in primary(name).sites
            ),
        ),
        table(
            ("treatment", "or", "note"),
            ((f"`{t.name}`", ", ".join(t.aliases), t.note) for t in treatments(name).treatment),
        ),
        table(
            ("symptom", "or"),
            (
                (
                    f"`{s.name}`",
                    ", ".join(x for x in dict.fromkeys([s.label, *s.aliases]) if x != s.name),
                )
                for s in seen.symptom
            ),
        ),
    ]


def parameter_files(name: str) -> dict[str, Mapping[str, Parameter]]:
    """Return the parameters of a shipped model by the part that they belong to."""
    return {
        "The disease": disease(name).parameters,
        "Treatment": treatments(name).parameters,
        "How it is seen": observation(name).parameters,
    }


def numbers_page(name: str) -> str:
    """Return the name of the page with the numbers of a primary."""
    return "parameters.md" if name == "pleural" else f"parameters_{name}.md"


def parameters(name: str) -> str:
    """Return every number of a model with range, unit, kind, sources and reason."""
    listed = parameter_files(name)
    kinds: dict[str, int] = defaultdict(int)
    for part in listed.values():
        for parameter in part.values():
            kinds[parameter.kind] += 1
    counted = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items(), key=lambda k: -k[1]))
    parts = [
        f"# Every number of the {name} model\n",
        " · ".join(f"[{p}]({numbers_page(p)})" for p in PRIMARIES if p != name) + "\n",
        f"{sum(kinds.values())} numbers: {counted}. [What the kinds mean](../evidence.md). "
        "*Stated*: value and central 95 % range by judgement, the prior of the calibration. "
        "*Now*: median "
        f"and 95 % range that the model uses, {_now(name)}; empty where it is the stated one. "
        "`per` units are rates, `ratio` multiplies a rate.\n",
    ]
    for title, part in listed.items():
        parts += [
            f"## {title}\n",
            table(
                ("name", "stated", "now", "unit", "kind", "sources", "reason"),
                (_parameter_row(row, parameter) for row, parameter in part.items()),
            ),
        ]
    return "\n".join(parts)


def _parameter_row(name: str, p: Parameter) -> tuple[str, ...]:
    now = _ranged(p.value, p.low, p.high)
    return (
        f'<a id="{name}"></a>`{name}`',
        now if p.prior is None else _ranged(*p.prior),
        "" if p.prior is None else now,
        p.unit,
        p.kind,
        ", ".join(f"[{source}](sources.md#{source})" for source in p.sources),
        p.note,
    )


def _ranged(value: float, low: float, high: float) -> str:
    return f"{value:.3g} ({low:.3g} to {high:.3g})"


def _now(name: str) -> str:
    """Say where the numbers in use come from."""
    if shipped_posterior(name) is not None:
        return "from the [calibrated posterior](../calibration.md)"
    return f"centred on the calibrated {LENDER} model and widened, since it is borrowed from there"


def used_by() -> dict[str, list[tuple[str, str]]]:
    """Return, for each published value, the (primary, parameter) that rest on it."""
    users: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for primary_name in PRIMARIES:
        for part in parameter_files(primary_name).values():
            for name, parameter in part.items():
                for source in parameter.sources:
                    users[source].append((primary_name, name))
    return users


def sources() -> str:
    """Return every published value that a parameter rests on."""
    known, users = load_published(), used_by()
    parts = [
        "# The published values behind the models\n",
        "*Read in* says how much of the source was read; *confidence* how sure the figure and its "
        "definition are. [More on both](../evidence.md).\n",
        table(
            ("id", "what it says", "who was counted", "source", "read in", "confidence", "used by"),
            (_source_row(known[name], users[name]) for name in sorted(users)),
        ),
    ]
    return "\n".join(parts)


def _source_row(value: PublishedValue, users: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    first = {name: primary_name for primary_name, name in reversed(list(users))}
    return (
        f'<a id="{value.id}"></a>{value.id}',
        value.says(),
        value.population,
        _linked(value),
        value.read_in.replace("_", " "),
        value.confidence,
        ", ".join(
            f"[{name}]({numbers_page(primary_name)}#{name})"
            for name, primary_name in reversed(first.items())
        ),
    )


def _linked(value: PublishedValue) -> str:
    if value.doi.startswith("10."):
        return f"[{value.citation}](https://doi.org/{value.doi})"
    if re.match(r"https?://", value.doi):
        return f"[{value.citation}]({value.doi})"
    return ", ".join(part for part in (value.citation, value.doi) if part)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    return "\n".join([*_lines(heads, rows), ""])


def _lines(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=FOLDER, help="another folder")
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
