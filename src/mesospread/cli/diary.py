"""The commands of the symptom diary."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, err, out, print_json
from mesospread.errors import InputError

diary = typer.Typer(
    help="A symptom diary in a file of your own. Nothing of it is sent.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[Path, typer.Argument(help="The diary, e.g. diary.csv.", show_default=False)]


@diary.command()
def add(
    file: File,
    symptom: Annotated[
        list[str], typer.Option(help='NAME=SCORE, 0 to 10; repeat. E.g. "bone pain=6".')
    ],
    date: Annotated[str | None, typer.Option(help="The day; default: today.")] = None,
    note: Annotated[str, typer.Option(help="In your own words.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of what was noted that day.")
    ] = False,
    own_words: Annotated[
        bool, typer.Option("--own-words", help="Take names that the models do not know.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Note how strong symptoms are today."""
    from mesospread.app.diary import DiaryText, add_to_diary

    shown = add_to_diary(
        file, _scores(symptom), date=date, note=note, replace=replace, own_words=own_words
    )
    print_json(shown) if as_json else out.print(DiaryText(shown))


@diary.command()
def show(file: File, as_json: Json = False) -> None:
    """Show the diary: signs that cannot wait first, then a trend for each symptom."""
    from mesospread.app.diary import DiaryText, show_diary

    shown = show_diary(file)
    print_json(shown) if as_json else out.print(DiaryText(shown))


@diary.command()
def symptoms(
    file: File,
    primary: Annotated[str, typer.Option(help="Whose model is to be asked.")] = "pleural",
    as_json: Json = False,
) -> None:
    """Print the symptoms of the diary for a patient file."""
    from mesospread.app.diary import diary_symptoms

    found = diary_symptoms(file, primary=primary)
    if as_json:
        print_json(found)
        return
    typer.echo(found["toml"], nl=False)
    if found["left_out"]:
        names = ", ".join(found["left_out"])
        err.print(f"Left out, since this model does not know them: {names}", markup=False)


def _scores(texts: list[str]) -> dict[str, str]:
    """Read ``name=score`` options."""
    scores: dict[str, str] = {}
    for text in texts:
        name, equals, score = text.rpartition("=")
        if not equals or name.strip() in scores:
            raise InputError(
                "not a symptom with one score",
                where="--symptom",
                given=repr(text),
                allowed='NAME=SCORE, each name once, e.g. "bone pain=6"',
            )
        scores[name.strip()] = score.strip()
    return scores
