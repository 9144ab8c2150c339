"""Batches: the same forecasts as one by one, in a file that is whole or not there."""

from __future__ import annotations

import csv
import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mesospread.app.batch import BatchSummary, forecast_batch
from mesospread.app.forecast import forecast
from mesospread.cli import main
from mesospread.errors import InputError, MesospreadError, OutputError, PatientError
from mesospread.infer.solve import Effort
from mesospread.patient import parse_patient
from mesospread.patient.columns import flat_row

LITTLE = Effort(
    draws=30, core_paths=64, leaf_paths=500, standard_error=0.05, too_few=50.0, max_rounds=6
)
KNOWN: dict[str, Any] = {
    "primary": "pleural",
    "histology": "epithelioid",
    "diagnosed": "2026-03-02",
    "as_of": "2026-11-20",
    "scans": [{"date": "2026-11-10", "modality": "CT", "negative": ["liver", "bone"]}],
    "symptoms": [{"name": "cough"}],
}
#: facts that contradict each other
TORN: dict[str, Any] = {
    "primary": "pleural",
    "diagnosed": "2026-03-02",
    "stage": {"edition": "9", "m": "M0"},
    "scans": [{"date": "2026-03-02", "modality": "CT", "positive": ["bone"]}],
}
BARE = {"primary": "pleural", "diagnosed": "2026-03-02"}
#: id -> facts, and cells that override them
PATIENTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "known": (KNOWN, {}),
    "torn": (TORN, {}),
    "bad cell": (BARE, {"age": "old", "sex": "?"}),
    "treated": (BARE | {"treatments": [{"name": "herbs", "start": "2026-04-01"}]}, {}),
    "bad name": (BARE, {"symptom1.name": "cuogh"}),
}
GOOD = ("known", "treated")


def write_table(path: Path, *names: str) -> Path:
    rows = [{"id": n, **flat_row(parse_patient(PATIENTS[n][0])), **PATIENTS[n][1]} for n in names]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(k for row in rows for k in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


Made = Callable[[str], tuple[Path, BatchSummary]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a function that gives a result of the whole table, computed once for each kind."""
    folder = tmp_path_factory.mktemp("batch")
    table = write_table(folder / "patients.csv", *PATIENTS)
    done: dict[str, tuple[Path, BatchSummary]] = {}

    def make(name: str) -> tuple[Path, BatchSummary]:
        if name not in done:
            summary = forecast_batch(
                table,
                folder / name,
                workers=2 if name.startswith("two") else 1,
                prognosis="prognosis" in name,
                effort=LITTLE,
                seed=7,
                skip_bad=True,
            )
            done[name] = folder / name, summary
        return done[name]

    return make


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


# --- what is in the result --------------------------------------------------------


def test_a_line_of_json_is_the_forecast_of_that_patient(made):
    path, _ = made("two prognosis.jsonl")
    found = {line["id"]: line for line in lines(path)}
    assert list(found) == list(PATIENTS)
    for name in GOOD:
        alone = forecast(PATIENTS[name][0], prognosis=True, seed=7, effort=LITTLE)
        expected = json.loads(json.dumps(alone.model_dump(mode="json")))
        assert found[name] == {"id": name, "error": None, **expected}


def test_a_table_says_the_same_as_the_lines(made):
    forecasts = {line["id"]: line for line in lines(made("two prognosis.jsonl")[0])}
    rows = csv_rows(made("two prognosis.csv")[0])
    for name in GOOD:
        line = forecasts[name]
        mine = [row for row in rows if row["id"] == name]
        assert [row["site"] for row in mine] == [s["site"] for s in line["sites"]]
        for row, site in zip(mine, line["sites"], strict=True):
            assert row["distant"] == str(site["distant"]).lower()
            expected = {}
            bands = {"involved_now": site["involved_now"], "next": site["next_band"]}
            bands |= {f"{level}_now": b for level, b in site["now_bands"].items()}
            bands |= {f"route_{route}": b for route, b in site["routes_bands"].items()}
            bands |= {f"by_{m}_months": site["by_month"][m] for m in ("3", "6", "12", "24")}
            bands["median_months"] = line["survival"]["median_months"]
            for month in (6, 12, 24):
                alive = line["survival"]["curve"][month]
                bands[f"alive_{month}_months"] = {**alive, "estimate": alive["alive"]}
            for column, band in bands.items():
                expected |= {column: band["estimate"], f"{column}_low": band["low"]}
                expected[f"{column}_high"] = band["high"]
            expected |= {
                k: line["diagnostics"][k] for k in ("standard_error", "effective_sample_size")
            }
            expected["seed"] = 7
            assert {k: float(row[k]) for k in expected} == expected
            words = {
                "assumptions", "unexpected_findings", "error", "id", "site", "distant",
                "model_version", "model_definition", "life_table", "input_hash",
            }  # fmt: skip
            assert set(row) == {*expected, *words}
            assert row["error"] == ""
            assert row["model_version"] == line["model"]["version"]
            assert row["model_definition"] == line["model"]["definition"]
            assert row["input_hash"] == line["model"]["input_hash"]
            assert row["life_table"] == "uk"
            assert row["assumptions"] == " ".join(line["assumptions"])
    assert "herbs" in next(row["assumptions"] for row in rows if row["id"] == "treated")


def test_parquet_says_the_same_as_csv(made):
    typed = pq.read_table(made("two prognosis.parquet")[0])
    rows = csv_rows(made("two prognosis.csv")[0])
    assert typed.column_names == list(rows[0])
    for there, here in zip(typed.to_pylist(), rows, strict=True):
        for column, value in there.items():
            if value is None:
                assert here[column] == ""
            elif isinstance(value, bool):
                assert here[column] == str(value).lower()
            else:
                assert type(value)(here[column]) == value


def test_patients_without_a_forecast_have_one_row_that_says_why(made):
    for name in ("two prognosis.csv", "one.csv"):
        errors = {row["id"]: row for row in csv_rows(made(name)[0]) if row["error"]}
        assert set(errors) == {"torn", "bad cell", "bad name"}
        for row in errors.values():
            assert {k for k, cell in row.items() if cell} == {"id", "error"}
            assert "\n" not in row["error"]
        assert "row 3 (torn) › stage: two facts contradict each other" in errors["torn"]["error"]
        assert "row 4 (bad cell) › age: not a whole number" in errors["bad cell"]["error"]
        assert "row 6 (bad name) › symptom1.name: " in errors["bad name"]["error"]
        assert "Did you mean 'cough'?" in errors["bad name"]["error"]
    assert {line["id"] for line in lines(made("two prognosis.jsonl")[0]) if line["error"]} == set(
        errors
    )


def test_the_summary_counts(made):
    assert made("one.csv")[1] == BatchSummary(patients=5, forecasts=2, refused=1, skipped=2)


def test_workers_change_nothing(made):
    (one, first), (two, second) = made("one prognosis.csv"), made("two prognosis.csv")
    assert first == second
    assert one.read_bytes() == two.read_bytes()


def test_nobody_is_told_how_long_who_has_not_asked(made):
    header = made("one.csv")[0].read_text("utf-8").splitlines()[0]
    assert "alive" not in header
    assert "median" not in header
    assert all(line["survival"] is None for line in lines(made("one.jsonl")[0]) if "sites" in line)


# --- what is refused, before anything is computed or written ----------------------


def nothing_computed(_: int) -> None:
    raise AssertionError("a forecast was computed")


def test_all_bad_rows_are_told_before_anything_is_computed(tmp_path):
    table = write_table(tmp_path / "patients.csv", *PATIENTS)
    with pytest.raises(PatientError) as caught:
        forecast_batch(table, tmp_path / "out.csv", progress=nothing_computed)
    assert "2 things to put right" in str(caught.value)
    assert "row 4 (bad cell) › age: not a whole number" in str(caught.value)
    assert "row 6 (bad name) › symptom1.name: " in str(caught.value)
    assert os.listdir(tmp_path) == ["patients.csv"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("out.xlsx", "allowed: a name that ends in .csv, .parquet, .jsonl"),
        ("out", "given: no ending"),
        ("folder.csv", "this is a folder"),
        ("absent/out.csv", "cannot write. given: No such file or directory"),
        ("mine.csv/out.csv", "cannot write. given: Not a directory"),
        ("patients.csv", "would replace the table of patients"),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_place_that_cannot_be_used(tmp_path, name, said, force):
    table = write_table(tmp_path / "patients.csv", "known")
    before = table.read_bytes()
    (tmp_path / "mine.csv").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError) as caught:
        forecast_batch(table, tmp_path / name, force=force, progress=nothing_computed)
    assert said in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)
    assert table.read_bytes() == before
    assert (tmp_path / "mine.csv").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["folder.csv", "mine.csv", "patients.csv"]


def test_a_file_is_replaced_only_if_that_is_said(tmp_path):
    """By a result without a single forecast, which is a result too."""
    table = write_table(tmp_path / "patients.csv", "bad cell", "bad name")
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(OutputError, match="add --force to replace it"):
        forecast_batch(table, tmp_path / "out.csv", skip_bad=True)
    assert (tmp_path / "out.csv").read_text() == "mine"
    summary = forecast_batch(table, tmp_path / "out.csv", skip_bad=True, force=True)
    assert summary == BatchSummary(patients=2, forecasts=0, refused=0, skipped=2)
    assert [row["id"] for row in csv_rows(tmp_path / "out.csv")] == ["bad cell", "bad name"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seed": -1}, "seed"),
        ({"life_table": "fr"}, "uk, us"),
        ({"workers": 0}, "workers must be 1 or more"),
    ],
)
def test_options_out_of_range_leave_nothing(tmp_path, options, said):
    table = write_table(tmp_path / "patients.csv", "known")
    with pytest.raises(InputError, match=said):
        forecast_batch(table, tmp_path / "out.csv", **{"workers": 1, "effort": LITTLE, **options})
    assert os.listdir(tmp_path) == ["patients.csv"]


# --- what goes wrong on the way ---------------------------------------------------


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.jsonl"])
def test_an_interrupted_batch_leaves_nothing_and_complains_of_nothing(tmp_path, monkeypatch, name):
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    table = write_table(tmp_path / "patients.csv", "bad cell", "torn")
    seen = []

    def interrupt(_: int) -> None:
        seen.extend(os.listdir(tmp_path))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forecast_batch(table, tmp_path / name, workers=1, skip_bad=True, progress=interrupt)
    assert {f.split(".")[-1] for f in seen} == {"csv", "partial"}
    gc.collect()
    assert complaints == []
    assert os.listdir(tmp_path) == ["patients.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.jsonl"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch, name):
    table = write_table(tmp_path / "patients.csv", "bad cell")
    really = Path.open

    def opened(path: Path, mode: str = "r", *words: Any, **more: Any) -> Any:
        full = path.suffix == ".partial"
        return really(Path("/dev/full"), "wb") if full else really(path, mode, *words, **more)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(OutputError, match="No space left on device"):
        forecast_batch(table, tmp_path / name, skip_bad=True)
    assert os.listdir(tmp_path) == ["patients.csv"]


class EndsTheWorker:
    """Ends the process that unpickles it."""

    def __reduce__(self) -> tuple[Callable[[int], Any], tuple[int]]:
        return os._exit, (1,)


def test_a_worker_that_dies_is_told_and_leaves_nothing(tmp_path):
    table = write_table(tmp_path / "patients.csv", "known")
    effort: Any = EndsTheWorker()
    with pytest.raises(MesospreadError, match="a worker process ended"):
        forecast_batch(table, tmp_path / "out.csv", workers=1, effort=effort)
    assert os.listdir(tmp_path) == ["patients.csv"]


def test_a_fault_of_the_program_says_at_which_patient(tmp_path):
    table = write_table(tmp_path / "patients.csv", "known")
    effort: Any = "not an effort"
    with pytest.raises(AttributeError) as caught:
        forecast_batch(table, tmp_path / "out.csv", workers=1, effort=effort)
    assert caught.value.__notes__ == [f"while forecasting {table} › row 2 (known)"]
    assert os.listdir(tmp_path) == ["patients.csv"]


# --- on the command line ----------------------------------------------------------


def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[object, str, str]:
    """Run a command here; return status and output."""
    monkeypatch.setattr(sys, "argv", ["mesospread", "forecast", *words])
    status: object = 0
    try:
        main.run()
    except SystemExit as end:
        status = end.code
    seen = capsys.readouterr()
    return status, seen.out, seen.err


def test_the_command_says_what_became_of_the_patients(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_table(Path("patients.csv"), "bad cell", "torn")
    words = ["--batch", "patients.csv", "--out", "out.csv", "--workers", "1"]
    status, out, err = command(monkeypatch, capsys, *words, "--skip-bad")
    assert (status, out) == (0, "0 of 2 patients have a forecast: out.csv\n")
    assert err.splitlines() == [
        "1 of 2 patients have none: their facts contradict each other or the model (error in the "
        "result says how)",
        "1 of 2 patients have none: their rows are wrong (error in the result says how)",
    ]
    assert command(monkeypatch, capsys, *words, "--skip-bad")[0] == 2
    assert command(monkeypatch, capsys, *words, "--skip-bad", "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "either PATIENT, a file, or --batch PATIENTS, a table"),
        (["a.toml", "--batch", "patients.csv", "--out", "out.csv"],
         "given: a.toml and --batch patients.csv"),
        (["--batch", "patients.csv"], "--out: say where the forecasts go"),
        (["--batch", "patients.csv", "--out", "out.csv", "--json"], "ends in .jsonl"),
        (["--batch", "patients.csv", "--out", "out.csv"], "row 2 (bad cell) › age: not a whole"),
        (["--batch", "patient.csv", "--out", "out.csv"], "Did you mean 'patients.csv'?"),
        (["a.toml", "--out", "out.csv"], "--out: this belongs to a batch"),
        (["a.toml", "--skip-bad"], "--skip-bad: this belongs to a batch"),
        (["a.toml", "--force"], "--force: this belongs to a batch"),
        (["--out", "out.csv"], "say whose forecast is wanted"),
    ],
)  # fmt: skip
def test_words_that_do_not_go_together(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    write_table(Path("patients.csv"), "bad cell")
    status, out, err = command(monkeypatch, capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
    assert os.listdir() == ["patients.csv"]
