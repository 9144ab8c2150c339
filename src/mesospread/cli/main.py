"""Commands and their options. Nothing is computed here."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mesospread._version import __version__
from mesospread.cli.ask import ask
from mesospread.cli.batch import one_patient, run_batch
from mesospread.cli.calibrate import calibrate
from mesospread.cli.centres import centres
from mesospread.cli.commands import Commands
from mesospread.cli.console import (
    Country,
    Html,
    Json,
    Language,
    LifeTable,
    Outlook,
    Pdf,
    Reader,
    Seed,
    err,
    out,
    print_json,
    share_bar,
    tell_if_first_time,
)
from mesospread.cli.diary import diary
from mesospread.cli.evidence import evidence
from mesospread.cli.explain import explain
from mesospread.cli.fhir import fhir
from mesospread.cli.figures import figures
from mesospread.cli.serve import serve
from mesospread.cli.simulate import simulate
from mesospread.cli.support import support
from mesospread.cli.trial import trial
from mesospread.cli.validate import validate
from mesospread.errors import InputError, MesospreadError

app = typer.Typer(
    name="mesospread",
    cls=Commands,
    help="How mesothelioma spreads, in this person and in many. Research and education "
    "software, not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

#: exit code after Ctrl-C
_INTERRUPTED = 130


def run() -> None:
    """Run the command line; report errors in one line and exit with 2."""
    try:
        app()
    except MesospreadError as error:
        err.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(2)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            err.print("stopped", style="red")
        raise
    except BrokenPipeError:
        # the reader of a pipe has left; there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"mesospread {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def forecast(
    patient: Annotated[
        Path | None, typer.Argument(help="Patient file (TOML or JSON).", show_default=False)
    ] = None,
    as_json: Json = False,
    prognosis: Annotated[
        bool, typer.Option("--prognosis", help="Also show survival. Only if it is wanted.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Also say what each finding, fact and treatment does.")
    ] = False,
    html: Html = None,
    pdf: Pdf = None,
    mode: Reader = "plain",
    country: Country = None,
    outlook: Outlook = None,
    language: Language = "en",
    seed: Seed = 1,
    life_table: LifeTable = "uk",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes of a batch; default: all.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option(help="Table of patients (CSV) instead of one patient file.")
    ] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Result of a batch: .csv, .parquet or .jsonl.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="In a batch, leave out rows that are wrong.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the result of a batch if it exists.")
    ] = False,
) -> None:
    """Where the disease of one patient probably is, and where it may go."""
    if batch is not None and patient is None:
        _no_report_of_a_batch(html, pdf)
        run_batch(
            batch,
            out_file,
            as_json=as_json,
            prognosis=prognosis,
            seed=seed,
            life_table=life_table,
            workers=workers,
            skip_bad=skip_bad,
            force=force,
        )
        return
    of_a_batch = {
        "--out": out_file, "--skip-bad": skip_bad, "--force": force, "--workers": workers
    }  # fmt: skip
    patient = one_patient(patient, batch, [name for name, value in of_a_batch.items() if value])
    from mesospread.app.forecast import forecast as compute
    from mesospread.app.text import ForecastText

    how = {"mode": mode, "lang": language, "country": country}
    write = _report_writer(html, pdf, _outlook(outlook, prognosis=prognosis), how)
    tell_if_first_time()
    with share_bar("simulating patients like this one") as progress:
        result = compute(
            patient,
            prognosis=prognosis,
            # a report says why its numbers are what they are
            why=why or write is not None,
            seed=seed,
            life_table=life_table,
            progress=progress,
        )
    if write is not None:
        write(result)
    if as_json:
        print_json(result.model_dump(mode="json"))
    elif write is None:
        from mesospread.app.guide import urgent_among

        out.print(ForecastText(result, urgent_among([s.symptom for s in result.symptoms])))


@app.command()
def compare(
    patient: Annotated[Path, typer.Argument(help="Patient file (TOML or JSON).")],
    treatment: Annotated[
        list[str],
        typer.Option(help="An option from today on; repeat. none: nothing more than now."),
    ],
    as_json: Json = False,
    prognosis: Annotated[
        bool, typer.Option("--prognosis", help="Also show survival. Only if it is wanted.")
    ] = False,
    html: Html = None,
    pdf: Pdf = None,
    mode: Reader = "plain",
    country: Country = None,
    outlook: Outlook = None,
    language: Language = "en",
    seed: Seed = 1,
    life_table: LifeTable = "uk",
) -> None:
    """What each treatment, begun today, would change for one patient."""
    from mesospread.app.compare import compare as compute
    from mesospread.app.text import CompareText

    how = {"mode": mode, "lang": language, "country": country}
    write = _report_writer(html, pdf, _outlook(outlook, prognosis=prognosis), how)
    tell_if_first_time()
    with share_bar("simulating patients like this one") as progress:
        result = compute(
            patient,
            treatment,
            prognosis=prognosis,
            seed=seed,
            life_table=life_table,
            progress=progress,
        )
    if write is not None:
        write(result)
    if as_json:
        print_json(result.model_dump(mode="json"))
    elif write is None:
        out.print(CompareText(result))


def _outlook(form: str | None, *, prognosis: bool) -> str:
    """Return the form in which survival is shown; refuse one where it is not."""
    if form is not None and not prognosis:
        raise InputError(
            "survival is not shown, so it has no form",
            where="--outlook",
            given=form,
            remedy="Add --prognosis if survival is wanted, or leave --outlook out",
        )
    return form or "all"


def _report_writer(
    html: Path | None, pdf: Path | None, outlook: str, how: dict[str, Any]
) -> Callable[[Any], None] | None:
    """Return what writes the reports asked for, or None; a wrong option is told before all else."""
    if html is None and pdf is None:
        return None
    from mesospread.app.report import check_report, write_report

    check_report(html=html, pdf=pdf, outlook=outlook, **how)

    def write(result: Any) -> None:
        for path in write_report(result, html=html, pdf=pdf, outlook=outlook, **how):
            err.print(f"Report: {path}", markup=False, soft_wrap=True)

    return write


def _no_report_of_a_batch(html: Path | None, pdf: Path | None) -> None:
    if html is not None or pdf is not None:
        raise InputError(
            "a report is of one patient",
            where="--html" if html is not None else "--pdf",
            given="a table of patients",
            remedy="Leave out --batch and name one patient file",
        )


app.command()(simulate)


@app.command()
def stage(
    primary: Annotated[
        str, typer.Option(help="pleural, peritoneal, pericardial or testicular.")
    ] = "pleural",
    t: Annotated[str | None, typer.Option("--t", help="T1 … T4; leave out if unknown.")] = None,
    n: Annotated[str | None, typer.Option("--n", help="N0 … N2.")] = None,
    m: Annotated[str | None, typer.Option("--m", help="M0 or M1.")] = None,
    group: Annotated[
        str | None, typer.Option(help="A stage group as stated, e.g. III or distant.")
    ] = None,
    edition: Annotated[
        str | None,
        typer.Option(
            help="9, 8, 7 (also 6), butchart, brigham, or summary (SEER); default: the newest."
        ),
    ] = None,
    basis: Annotated[
        str | None, typer.Option(help="clinical or pathological; default: as written (cT2, pT2).")
    ] = None,
    pci: Annotated[int | None, typer.Option(help="Peritoneal cancer index, 0 to 39.")] = None,
    psum: Annotated[
        float | None, typer.Option(help="Sum of pleural thickness on CT, mm (9th edition).")
    ] = None,
    fmax: Annotated[float | None, typer.Option(help="Largest fissure thickness, mm.")] = None,
    feature: Annotated[
        list[str] | None, typer.Option(help="What it has grown into, e.g. mediastinal_fat; repeat.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The stage group, the rule that decided, and what it is in other editions."""
    from mesospread.app.stage import stage as compute
    from mesospread.app.text import stage_text

    answer = compute(
        primary,
        t=t,
        n=n,
        m=m,
        group=group,
        edition=edition,
        basis=basis,
        pci=pci,
        psum_mm=psum,
        fmax_mm=fmax,
        features=feature or (),
    )
    if as_json:
        print_json(answer)
        return
    headline, *lines = stage_text(answer)
    out.print(headline, style="bold")
    out.print("\n".join(lines), soft_wrap=True, highlight=False)


app.command()(trial)
app.command()(figures)
app.command()(calibrate)
app.command()(validate)
app.command()(evidence)
app.command()(explain)
app.command()(ask)
app.add_typer(diary, name="diary")
app.add_typer(fhir, name="fhir")
app.command()(centres)
app.command()(support)
app.command()(serve)
