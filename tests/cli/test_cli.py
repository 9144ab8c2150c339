"""The command line as a user meets it: real processes, and every bad input in one line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

import mesospread
from mesospread.cli import main

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
STAGE3 = EXAMPLES / "pleural_epithelioid_stage3.toml"
EARLY = EXAMPLES / "pleural_early_unknowns.toml"
PAIN = EXAMPLES / "pleural_sarcomatoid_new_bone_pain.toml"
COMMAND = [sys.executable, "-m", "mesospread"]
ESCAPE = "\x1b"


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    return {**kept, "PYTHONPATH": str(Path(mesospread.__file__).parents[1]), **more}


def run(*words: object, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def succeeded(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert ESCAPE not in result.stdout + result.stderr
    return result.stdout


# --- forecast ---------------------------------------------------------------------


def test_forecast_as_json():
    answer = json.loads(succeeded(run("forecast", STAGE3, "--json")))
    assert {"patient", "model", "stage", "sites", "scans", "symptoms", "survival"} <= set(answer)
    assert answer["survival"] is None
    assert answer["patient"]["histology"] == "epithelioid"


def rows_like(text: str, pattern: str) -> list[re.Match[str]]:
    return [m for line in text.splitlines() if (m := re.match(pattern, line))]


@pytest.mark.parametrize("width", [80, 120])
def test_forecast_as_tables(width):
    """Everything fits the width, nothing is cut off, and numbers stand under each other."""
    text = succeeded(run("forecast", PAIN, "--prognosis", COLUMNS=str(width)))
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    cut = [line for line in lines if "…" in line.replace("By … months", "")]
    assert cut == []
    number = r"  +([<>]?\d+ \([^)]*\))"
    now = rows_like(text, rf"^ +(\S.*?){number}{number}  +(?:direct|lymph|blood)")
    later = rows_like(text, rf"^ +(\S.*?){4 * number} *$")
    for sites, columns in ((now, (2, 3)), (later, (2, 3, 4, 5))):
        assert len(sites) == 17
        assert all(len({row.end(column) for row in sites}) == 1 for column in columns)
        assert len({cell_len(row.string) for row in sites}) == 1
    for wanted in ("distant nodes", "pain in a bone", "How long people like this live", "MRI"):
        assert wanted in text
    assert "not a medical device" in " ".join(text.split())


def test_prognosis_is_shown_to_those_who_ask_only():
    plain = succeeded(run("forecast", EARLY))
    assert "Where it is" in plain
    assert "How long" not in plain
    assert "months from today" not in plain
    answer = json.loads(succeeded(run("forecast", EARLY, "--json", "--prognosis")))
    assert answer["survival"]["curve"][0] == {"month": 0, "alive": 1.0, "low": 1.0, "high": 1.0}


# --- simulate ---------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 120])
def test_simulate(tmp_path, width):
    words = ["simulate", "--primary", "pleural", "--n", 3_000, "--seed", 7, "--shard-size", 1_000]
    more = ["--treatment", "chemotherapy", "--at", "0,12", "--since", "diagnosis", "--events"]
    more.append("--prognosis")
    result = run(*words, *more, "--out", "out", cwd=tmp_path, COLUMNS=str(width))
    text = succeeded(result)
    assert result.stderr == "", "no progress bar in a pipe"
    assert "3,000 patients" in text
    assert "Files: out" in text
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text
    survival = rows_like(text, r"^  (all|biphasic|epithelioid|sarcomatoid) +([\d,]+) +\S")
    assert [row[1] for row in survival] == ["all", "biphasic", "epithelioid", "sarcomatoid"]
    assert len({row.end(2) for row in survival}) == 1
    cohort = [pq.read_table(f) for f in sorted((tmp_path / "out").glob("cohort-*.parquet"))]
    assert [part.num_rows for part in cohort] == [1_000] * 3
    names = {f"{t}-{k:05d}.parquet" for t in ("cohort", "events", "states") for k in range(3)}
    assert {file.name for file in (tmp_path / "out").iterdir()} == {*names, "run.json"}
    made = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (made["n"], made["seed"], made["since"]) == ("3000", "7", "diagnosis.diagnosed")


def test_simulate_a_disease_of_your_own(tmp_path):
    (tmp_path / "mine.toml").write_text(DEFINITION)
    words = ["simulate", "--definition", "mine.toml", "--n", 50, "--out", "out"]
    text = succeeded(run(*words, "--fix", "grade=2", cwd=tmp_path))
    assert "50 patients" in text
    table = pq.read_table(tmp_path / "out" / "cohort-00000.parquet")
    assert table["grade"].unique().to_pylist() == ["2"]


def test_stopping_leaves_a_run_that_can_be_resumed(tmp_path):
    """Ctrl-C in the middle: one word, whole files only, and the rest can be made later."""
    words = ["simulate", "--primary", "pleural", "--n", "40000000", "--shard-size", "2000"]
    # a shell that starts the tests in the background has them, and what they start, ignore Ctrl-C
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*COMMAND, *words, "--out", "out", "--workers", "1"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, usual)
    # long enough to compile the kernels on a busy machine
    deadline = time.monotonic() + 240
    while not (tmp_path / "out" / "cohort-00002.parquet").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=240)
    assert (process.returncode, out, err) == (130, "", "stopped\n")
    files = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert files[-1] == "run.json"
    assert not [name for name in files if name.endswith(".partial")]
    for name in files[:-1]:
        assert pq.read_metadata(tmp_path / "out" / name).num_rows == 2_000


# --- stage ------------------------------------------------------------------------


def test_stage():
    text = succeeded(run("stage", "--t", "T3", "--n", "N1", "--m", "M0"))
    assert text.startswith("Stage IIIA (edition 9)")
    answer = json.loads(
        succeeded(run("stage", "--t", "T2", "--n", "N0", "--m", "M0", "--edition", "8", "--json"))
    )
    assert set(answer) >= {"stage", "t", "n", "m", "edition", "rule"}
    assert (answer["stage"], answer["edition"]) == ("IB", "8")
    measured = json.loads(succeeded(run("stage", "--psum", "25", "--fmax", "3", "--json")))
    assert measured["t"] == "T2"


def test_stage_of_an_earlier_edition():
    text = succeeded(run("stage", "--edition", "butchart", "--group", "III"))
    assert text.startswith("Stage III (Butchart 1976)")
    for words in (
        "III means: through the diaphragm",
        "In TNM 9: IIIA, IIIB or IV",
        "In TNM 8: IIIB or IV",
        "A forecast reads it as",
        "Source: Butchart",
    ):
        assert words in text
    answer = json.loads(
        succeeded(run("stage", "--edition", "7", "--t", "T2", "--n", "N2", "--m", "M0", "--json"))
    )
    assert (answer["stage"], answer["system"]) == ("III", "TNM 6 and 7 (IMIG)")
    assert [one["edition"] for one in answer["elsewhere"]] == ["9", "8"]
    assert answer["elsewhere"][1]["combinations"] == [["T1", "N1", "M0"], ["T2", "N1", "M0"]]


@pytest.mark.parametrize("primary", ["pleural", "peritoneal", "pericardial", "testicular"])
def test_registries_words_for_every_primary(monkeypatch, capsys, primary):
    status, out, err = in_process(
        monkeypatch, capsys, "stage", "--primary", primary, "--group", "distant"
    )
    assert (status, err) == (0, "")
    assert out.startswith("Stage distant")
    assert "SEER" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--primary", "peritoneal", "--n", "N2"], ["'N2'", "allowed: N0, N1, NX"]),
        (["--primary", "peritoneal", "--pci", "45"], ["pci", "45", "from 0 to 39"]),
        (["--psum", "-3"], ["psum_mm", "-3.0", "allowed: 0 or more"]),
        (["--fmax", "-1"], ["fmax_mm", "-1.0", "allowed: 0 or more"]),
        (["--group", "IB", "--edition", "9"],
         ["group", "'IB'", "allowed: I, II, IIIA, IIIB, IV", 'edition "8"', "T2 N0 M0, now II"]),
        (["--group", "IB"], ["'IB'", "allowed: I, II, IIIA, IIIB, IV", 'edition "8"']),
        (["--edition", "10"], ["'10'", '"8", "9", "7", "butchart", "brigham", "summary"']),
        (["--edition", "mattson", "--group", "II"], ["'mattson'", "not guessed", '"butchart"']),
        (["--edition", "butchart", "--group", "IIIA"], ["'IIIA'", "allowed: I, II, III, IV"]),
        (["--t", "T3", "--n", "N1", "--m", "M0", "--group", "II"],
         ["contradicts", "II, but TNM 9: T3 N1 M0 -> IIIA", "allowed: IIIA"]),
        (["--primary", "pericardial", "--t", "T2"], ["'T2'", "confined, through_wall"]),
        (["--primary", "testicular", "--pci", "3"], ["pci", "peritoneum", "testicular"]),
    ],
)  # fmt: skip
def test_impossible_stages_name_what_is_allowed(monkeypatch, capsys, words, said):
    status, out, err = in_process(monkeypatch, capsys, "stage", *words)
    assert (status, out) == (2, "")
    assert [part for part in said if part not in " ".join(err.split())] == []


# --- pipes and colours ------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "after"),
    [(["forecast", EARLY, "--json"], 1), (["forecast", EARLY], 0), (["--help"], 1)],
    ids=["json", "tables", "help"],
)
def test_a_reader_that_leaves_early_is_no_error(words, after):
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    for _ in range(after):
        assert process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert err == ""


def test_no_colour_where_none_is_wanted(tmp_path):
    asked = {"NO_COLOR": "1", "TERM": "xterm-256color"}
    assert ESCAPE not in run("stage", "--t", "T9", **asked).stderr
    assert ESCAPE not in run("stage", "--t", "T1", TERM="xterm-256color").stdout


# --- help -------------------------------------------------------------------------


def in_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object
) -> tuple[int, str, str]:
    """Run a command here, which spares the start of a process; return status and output."""
    monkeypatch.setattr(sys, "argv", ["mesospread", *map(str, words)])
    try:
        main.run()
        status: object = 0
    except SystemExit as end:
        status = end.code
    seen = capsys.readouterr()
    assert isinstance(status, int)
    return status, seen.out, seen.err


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ([], ["forecast", "simulate", "stage", "--version", "not a medical device"]),
        (["forecast"], ["--json", "--prognosis", "--seed", "--life-table", "Only if it is wanted"]),
        (["simulate"], ["--primary", "--n", "--seed", "--out", "--workers", "--scheduler",
                        "--resume", "--treatment", "--events", "--since"]),
        (["stage"], ["--t", "--n", "--m", "--edition", "--json", "--psum", "--fmax", "--pci"]),
    ],
    ids=["mesospread", "forecast", "simulate", "stage"],
)  # fmt: skip
def test_help(monkeypatch, capsys, command, named):
    status, out, err = in_process(monkeypatch, capsys, *command, "--help")
    assert (status, err) == (0, "")
    text = " ".join(out.split())
    assert [word for word in named if word not in text] == []


def test_help_of_a_real_process():
    assert "Usage:" in succeeded(run("simulate", "--help"))
    assert succeeded(run("--version")) == f"mesospread {mesospread.__version__}\n"


# --- bad input --------------------------------------------------------------------

DEFINITION = """
format = 1
name = "mine"
title = "My disease"
process = [{ name = "tumour", levels = ["small", "large"] }]
route = [{ step = "tumour.large", via = "growth", rate = 0.1 }]
covariates = { grade = { levels = { 1 = 0.5, 2 = 0.5 } } }
"""
SIMULATE = ["simulate", "--out", "out", "--n"]
PLEURAL = [*SIMULATE, "5", "--primary", "pleural"]
MINE = [*SIMULATE, "5", "--definition", "bad.toml"]
FORECAST = ["forecast", "bad.toml"]
PATIENT = 'primary = "pleural"\n'


def changed(old: str, new: str) -> str:
    assert old in DEFINITION
    return DEFINITION.replace(old, new)


#: (words of the command, content of bad.toml, what the error must say)
BAD: dict[str, tuple[list[str], str, str]] = {
    "no patients": ([*SIMULATE, "0", "--primary", "pleural"], "", "given: 0. allowed: 1 or more"),
    "fewer than none": ([*SIMULATE, "-5", "--primary", "pleural"], "", "given: -5"),
    "primary misspelt": ([*SIMULATE, "5", "--primary", "plural"], "", "Did you mean 'pleural'?"),
    "no disease": ([*SIMULATE, "5"], "", "say which disease"),
    "two diseases": ([*PLEURAL, "--definition", "bad.toml"], DEFINITION, "say which disease"),
    "seed below zero": ([*PLEURAL, "--seed", "-1"], "", "seed"),
    "seed too large": ([*PLEURAL, "--seed", str(2**64)], "", "2**64 - 1"),
    "horizon nan": ([*PLEURAL, "--horizon-months", "nan"], "", "given: nan"),
    "horizon infinite": ([*PLEURAL, "--horizon-months", "inf"], "", "given: inf"),
    "horizon negative": ([*PLEURAL, "--horizon-months", "-6"], "", "given: -6"),
    "covariate misspelt": ([*PLEURAL, "--fix", "histolgy=biphasic"], "", "mean 'histology'?"),
    "level misspelt": ([*PLEURAL, "--fix", "histology=biphasc"], "", "Did you mean 'biphasic'?"),
    "no assignment": ([*PLEURAL, "--fix", "histology"], "", "name=value"),
    "age in words": ([*PLEURAL, "--fix", "age=old"], "", "age must be a number"),
    "age nan": ([*PLEURAL, "--fix", "age=nan"], "", "given: nan"),
    "treatment misspelt": ([*PLEURAL, "--treatment", "pleurectmy/decortication"], "",
                           "Did you mean 'pleurectomy/decortication'?"),
    "times in words": ([*PLEURAL, "--at", "0,soon"], "", "given: '0,soon'"),
    "times negative": ([*PLEURAL, "--at", "-1,0"], "", "times_months"),
    "times nan": ([*PLEURAL, "--at", "nan"], "", "times_months"),
    "times after the end": ([*PLEURAL, "--at", "601"], "", "times_months"),
    "since misspelt": ([*PLEURAL, "--at", "0", "--since", "diagnoses"], "", "mean 'diagnosis'?"),
    "since a level misspelt": ([*PLEURAL, "--at", "0", "--since", "extent.T9"], "", "T2, T3, T4"),
    "shards of nobody": ([*PLEURAL, "--shard-size", "0"], "", "shard_size"),
    "life table": ([*PLEURAL, "--life-table", "fr"], "", "uk, us"),
    "no such definition": ([*SIMULATE, "5", "--definition", "bda.toml"], DEFINITION,
                           "Did you mean 'bad.toml'?"),
    "definition is a folder": ([*SIMULATE, "5", "--definition", "."], "", "folder"),
    "broken TOML": (MINE, "format = ", "not valid TOML"),
    "rate negative": (MINE, changed("0.1", "-0.1"), "route[0].rate"),
    "rate infinite": (MINE, changed("0.1", "inf"), "route[0].rate"),
    "rate nan": (MINE, changed("0.1", "nan"), "route[0].rate"),
    "process misspelt": (MINE, changed("tumour.large", "tumuor.large"), "mean 'tumour'?"),
    "level of a process misspelt": (MINE, changed("tumour.large", "tumour.larg"), "mean 'large'?"),
    "key misspelt": (MINE, changed("rate = 0.1", "rate = 0.1, covariate = []"),
                     "Did you mean 'covariates'?"),
    "dead end": (MINE, changed('"large"]', '"large", "huge"]'), "tumour.huge"),
    "treatment of one's own": ([*MINE, "--treatment", "surgery"], DEFINITION, "shipped disease"),
    "level of one's own": ([*MINE, "--fix", "grade=3"], DEFINITION, "given: '3'"),
    "no such patient file": (["forecast", "absent.toml"], "", "absent.toml"),
    "patient is a folder": (["forecast", "."], "", "cannot be read"),
    "site misspelt": (FORECAST, PATIENT + '[[scans]]\ndate = 2026-05-01\nmodality = "CT"\n'
                      'positive = ["livr"]\n', 'liver'),
    "modality misspelt": (FORECAST, PATIENT + '[[scans]]\ndate = 2026-05-01\nmodality = "PTE"\n',
                          'scans[0].modality'),
    "key of a patient misspelt": (FORECAST, PATIENT + "histolgy = 1\n", "histology"),
    "symptom misspelt": (FORECAST, PATIENT + '[[symptoms]]\nname = "bone pian"\n',
                         "Did you mean 'bone pain'?"),
    "patient's treatment misspelt": (FORECAST, PATIENT + '[[treatments]]\nname = '
                                     '"imunotherapy"\nstart = 2026-05-01\n', "'immunotherapy'?"),
    "facts against each other": (FORECAST, PATIENT + 'diagnosed = 2026-05-01\n[stage]\nm = "M0"\n'
                                 '[[scans]]\ndate = 2026-05-01\nmodality = "CT"\n'
                                 'positive = ["bone"]\n', "M0"),
    "forecast seed": (["forecast", str(STAGE3), "--seed", "-1"], "", "seed"),
    "forecast life table": (["forecast", str(STAGE3), "--life-table", "fr"], "", "uk, us"),
    "stage T": (["stage", "--t", "T9"], "", "T1, T2, T3, T4"),
    "stage in two ways": (["stage", "--t", "T2", "--psum", "20"], "", "two ways"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, capsys, case):
    words, content, said = BAD[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text(content)
    status, out, err = in_process(monkeypatch, capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert err.endswith((".\n", "?\n"))
    assert err.count("\n") == 1, err
    assert said in err
    assert "?." not in err
    assert [file.name for file in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize(
    "case", ["no patients", "rate nan", "horizon nan", "site misspelt", "dead end"]
)
def test_bad_input_to_a_real_process(tmp_path, case):
    words, content, said = BAD[case]
    (tmp_path / "bad.toml").write_text(content)
    result = run(*words, cwd=tmp_path, COLUMNS="40")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1, result.stderr
    assert said in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("full", "the output folder is not empty"),
        ("file", "this is not a folder"),
        ("file/below", "cannot write"),
        ("/proc/mesospread", "cannot write"),
    ],
)
@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_an_output_place_that_cannot_be_used(tmp_path, monkeypatch, capsys, place, said, resume):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    status, out, err = in_process(
        monkeypatch, capsys, "simulate", "--primary", "pleural", "--n", 5, "--out", place, *resume
    )
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert place.split("/")[-1] in err
    assert said in err or (resume and "no run to resume" in err)
    left = {str(f.relative_to(tmp_path)): f.is_file() and f.read_text() for f in
            tmp_path.rglob("*")}  # fmt: skip
    assert left == {"file": "mine", "full": False, "full/note.txt": "mine"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["forecast", str(STAGE3), "--jsno"], "--jsno"),
        (["simulate", "--primary", "pleural", "--out", "out", "--n", "5", "--sede", "1"], "--sede"),
        (["simulate", "--primary", "pleural", "--out", "out"], "--n"),
        (["simulate", "--primary", "pleural", "--out", "out", "--n", "many"], "--n"),
        (["simulate", "--primary", "pleural", "--out", "out", "--n", "5", "--workers", "0"],
         "--workers"),
        (["forecats"], "forecats"),
        (["forecast"], "PATIENT"),
    ],
    ids=str,
)  # fmt: skip
def test_an_option_that_does_not_exist_is_named(tmp_path, monkeypatch, capsys, words, named):
    monkeypatch.chdir(tmp_path)
    status, out, err = in_process(monkeypatch, capsys, *words)
    assert (status, out) == (2, "")
    assert named.lower() in err.splitlines()[-1].lower()
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
