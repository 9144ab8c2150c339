"""The registry and its command: every check says what it claims, and red is an exit code."""

from __future__ import annotations

import dataclasses
import json

import pytest
from tests.support.statistics import NotEnough, Score, sample_size
from verification import __main__ as command
from verification import runner
from verification.registry import ALPHA, REGISTRY, always, reference

QUICK = ["--only", "invariance", "--only", "twin/pleural", "--n-scale", "0.1"]


def fake(p, **changed):
    """A check with one score."""
    return dataclasses.replace(
        REGISTRY[0],
        id="fake/check",
        examine=lambda subject, n, seed: [Score("s", "level", p, n)],
        subjects=always("one", reference),
        n_subjects=1,
        n=10,
        **changed,
    )


def test_number_of_checks():
    """Raise this when a check is added; a check that is lost shows here."""
    assert len(REGISTRY) == 25


def test_every_check_says_what_it_claims():
    assert len({c.id for c in REGISTRY}) == len(REGISTRY)
    for check in REGISTRY:
        assert check.claim.endswith(".")
        assert check.claim.count(". ") == 0
        assert check.reference
        assert check.n_subjects >= 1
        if check.smallest_error is not None:
            assert check.n >= sample_size(check.smallest_error, alpha=ALPHA)


def test_list(capsys):
    assert command.main(["--list"]) == 0
    out = capsys.readouterr().out
    assert "25 checks" in out
    assert all(check.claim in out for check in REGISTRY)


def test_run_of_a_few_checks(tmp_path, capsys):
    file = tmp_path / "verification.json"
    assert command.main([*QUICK, "--seed", "5", "--json", str(file)]) == 0
    out = capsys.readouterr().out
    assert "5 checks in" in out
    assert "0 red" in out
    record = json.loads(file.read_text("utf-8"))
    assert record["seed"] == 5
    assert [c["verdict"] for c in record["checks"]] == ["green"] * 5
    assert all(c["looks"][0]["statistics"] > 0 for c in record["checks"])


def test_unknown_check(capsys):
    assert command.main(["--only", "invariants"]) == 2
    assert "there is no check 'invariants'" in capsys.readouterr().err


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf"])
def test_impossible_scale(scale, capsys):
    assert command.main(["--only", "twin", "--n-scale", scale]) == 2
    assert "--n-scale" in capsys.readouterr().err


def test_red_is_an_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(command, "REGISTRY", (fake(1e-12),))
    assert command.main([]) == 1
    assert "1 red" in capsys.readouterr().out


def test_a_second_look_is_larger_with_other_numbers_on_the_same_graphs():
    seen = []

    def examine(subject, n, seed):
        seen.append((subject, n, seed))
        return [Score("s", "level", 1e-12 if len(seen) <= 3 else 0.5, n)]

    graphs = next(c for c in REGISTRY if c.id == "lattice/states")
    check = dataclasses.replace(graphs, examine=examine, n_subjects=3, n=10)
    (result,) = runner.run([check], 1)
    assert result.verdict == "amber"
    assert [n for _, n, _ in seen] == [10] * 3 + [40] * 3
    assert [s.structure for s, _, _ in seen[:3]] == [s.structure for s, _, _ in seen[3:]]
    assert len({seed for _, _, seed in seen}) == 6


def test_too_small_samples_are_red():
    def refuse(subject, n, seed):
        raise NotEnough("five are not enough")

    (result,) = runner.run([dataclasses.replace(fake(0.5), examine=refuse)], 1)
    assert result.verdict == "red"
    assert "five are not enough" in runner.summary(result.looks[0])
