"""A view as HTML: a part of a page, or one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from mesospread.report.view import CompareView, ForecastView
from mesospread.report.view_blocks import Section, starting_big
from mesospread.report.view_parts import Words

View = ForecastView | CompareView


def fragment(view: View, after: Mapping[str, Markup] | None = None) -> Markup:
    """Return the result without the page around it.

    Parameters
    ----------
    view
        What is shown.
    after
        What a page adds below some sections, by the name of the section.
    """
    page = _template("fragment.html")
    return Markup(page.render(view=view, words=_words(view), after=after or {}))


def section_fragment(view: View, section: Section) -> Markup:
    """Return one section of a result, for pages that show them one by one."""
    page = _template("section.html")
    return Markup(page.render(view=view, section=section, words=_words(view)))


def document(view: View) -> str:
    """Return one file with all it needs: style inside, no script, nothing to load."""
    return _template("document.html").render(
        view=view, words=_words(view), style=Markup(stylesheet()), after={}
    )


@cache
def stylesheet() -> str:
    """Return the style that results need, to be put into or beside a page."""
    return (files("mesospread.report") / "static" / "report.css").read_text("utf-8")


def _words(view: View) -> Words:
    return Words(view.lang, view.mode)


def _template(name: str) -> Template:
    return environment().get_template(name)


@cache
def environment() -> Environment:
    """Return the templates of all reports: strict about names, safe about text."""
    made = Environment(
        loader=PackageLoader("mesospread.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kind"] = lambda block: type(block).__name__
    made.filters["svg"] = Markup
    made.filters["starting_big"] = starting_big
    return made
