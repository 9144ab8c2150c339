"""Write docs/pictures: what the program prints, as pictures.

    python tools/make_pictures.py

Each picture is the output of a real run with a fixed seed. tests/docs fails when one is out
of date.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.terminal_theme import TerminalTheme

from mesospread.app.forecast import forecast
from mesospread.app.page_validation import shipped_validation
from mesospread.app.simulate import cohort, cohort_spec
from mesospread.app.text import ForecastText, cohort_text
from mesospread.report.validation_svg import staircase

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
COMMAND = "python tools/make_pictures.py"
EXAMPLE = "examples/pleural_epithelioid_stage3.toml"
COLUMNS = 100
COHORT_SIZE = 100_000

# Light, so that it prints well and suits a page; the colours of the terminal are not used.
THEME = TerminalTheme(
    (255, 255, 255),
    (30, 41, 59),
    [
        *[(0, 0, 0), (185, 28, 28), (21, 128, 61), (161, 98, 7)],
        *[(29, 78, 216), (126, 34, 206), (14, 116, 144), (100, 116, 139)],
    ],
)
# No font is fetched from anywhere; lengths are fixed, so any monospaced one fits.
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" class="rich-terminal" viewBox="0 0 {width} {height}">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
    font-variant-east-asian: full-width;
}}
.{unique_id}-title {{
    font-size: 17px;
    font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def pictures() -> dict[str, str]:
    """Return every picture, by file name."""
    patient = ForecastText(forecast(ROOT / EXAMPLE))
    disease = cohort_spec(primary="pleural", n=COHORT_SIZE, seed=7).structure
    people = cohort_text(disease, cohort(primary="pleural", n=COHORT_SIZE, seed=7).summary)
    options = f"--primary pleural --n {COHORT_SIZE} --seed 7 --out cohort"
    return {
        "forecast.svg": picture(
            patient, f"mesospread forecast {EXAMPLE}", "forecast", until="What a scan"
        ),
        # no survival: whoever opens the README has not asked for it
        "cohort.svg": picture(
            people, f"mesospread simulate {options}", "cohort", until="contralateral pleura"
        ),
        "reconciliation.svg": reconciliation(),
    }


def reconciliation() -> str:
    """Return why published rates differ, as the validation that ships with the package says."""
    validation = shipped_validation("pleural")
    assert validation is not None
    svg = staircase(validation["reconciliation"]).svg
    # readable where the page behind is dark
    white = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return svg.replace("</title>", f"</title>{white}", 1) + "\n"


def picture(shown: RenderableType, command: str, name: str, until: str) -> str:
    """Return what a command prints as SVG, up to the line that begins so; dots for the rest."""
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        highlight=False,
    )
    for line in console.render_lines(shown):
        if "".join(segment.text for segment in line).strip().startswith(until):
            break
        console.print(Segments([*line, Segment.line()]), end="")
    console.print(" ⋮\n")
    svg = console.export_svg(title=f"$ {command}", theme=THEME, code_format=SVG, unique_id=name)
    svg = svg.replace('stroke="rgba(255,255,255,0.35)"', 'stroke="#cbd5e1"')  # a frame one can see
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=FOLDER, help="another folder")
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pictures().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
