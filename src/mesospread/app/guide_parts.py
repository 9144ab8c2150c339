"""What the model says about places, stages, ways, signs and tests: sentences and tables."""

from __future__ import annotations

from collections.abc import Callable

from mesospread.app.guide_numbers import ModelRow, ModelTable, Triple, Words
from mesospread.staging import edition_table

#: sentences for patients, tables for clinicians
Said = tuple[list[str], list[ModelTable]]
Section = Callable[[Words, str], Said]

NOTHING: Said = ([], [])
MOMENTS = ("diagnosis", "12", "24", "death")
ROUTES = ("direct", "lymphatic", "haematogenous")
_TYPES = ("epithelioid", "biphasic", "sarcomatoid")
#: as many places, or causes, as help
_MOST_PLACES = 3
_MOST_ROWS = 8
#: a share below this is not worth a place among the most common
_WORTH_NAMING = 0.005


def site(words: Words, name: str) -> Said:
    """Say how often a place is reached, when, by which route, in which cell type."""
    about = f"site:{name}"
    any_ = words.cell(about, "any", "diagnosis")
    if any_ is None:
        return NOTHING
    plain = [
        words.text(
            "say.site", start=words.start, n=words.of_100(any_[0]), likely=words.likely(any_)
        )
    ]
    visible = words.cell(about, "visible", "diagnosis")
    if visible is not None and any_[0] >= _WORTH_NAMING:
        plain.append(words.text("say.site_visible", n=words.of_100(visible[0])))
    rows = [words.row(words.text("row.any"), _over_time(words, about, "any"))]
    rows.append(words.row(words.text("row.visible"), _over_time(words, about, "visible")))
    rows += [
        words.row(words.text(f"type.{kind}"), _over_time(words, about, f"any|{kind}"))
        for kind in _TYPES
    ]
    routes = [words.cell(about, f"route:{route}", "ever") for route in ROUTES]
    label = words.site(name)
    return plain, [
        *words.table("site", list(MOMENTS), rows, site=label),
        *words.table(
            "routes", list(ROUTES), [words.row(words.text("row.route"), routes)], site=label
        ),
    ]


def _over_time(words: Words, about: str, what: str) -> list[Triple | None]:
    return [words.cell(about, what, moment) for moment in MOMENTS]


def overview(words: Words, _: str) -> Said:
    """Say how often there is any distant spread, and where most often."""
    any_, visible = (words.cell("distant", what, "diagnosis") for what in ("any", "visible"))
    if any_ is None or visible is None:
        return NOTHING
    plain = [
        words.text(
            "say.overview", start=words.start, n=words.of_100(any_[0]), likely=words.likely(any_)
        ),
        words.text(
            "say.overview_visible", n=words.of_100(visible[0]), likely=words.likely(visible)
        ),
    ]
    names = _distant(words)
    common = _commonest({n: words.cell(f"site:{n}", "any", "diagnosis") for n in names})
    plain += _places(words, common)
    rows = [
        words.row(words.text("row.any"), _over_time(words, "distant", "any")),
        words.row(words.text("row.visible"), _over_time(words, "distant", "visible")),
        words.row(
            words.text("row.regional_nodes"), _over_time(words, "site:regional_nodes", "any")
        ),
        words.row(words.text("row.bloodstream"), _over_time(words, "bloodstream", "open")),
    ]
    sites = [words.row(words.site(n), _over_time(words, f"site:{n}", "any")) for n in names]
    sites.sort(key=_first, reverse=True)
    return plain, [
        *words.table("overview", list(MOMENTS), rows),
        *words.table("places", list(MOMENTS), sites),
    ]


def _first(row: ModelRow) -> float:
    cell = row.cells[0]
    return cell.value if cell else 0.0


def _distant(words: Words) -> list[str]:
    """Return the places that count as distant."""
    return words.whats("distant", "site:")


def _commonest(shares: dict[str, Triple | None]) -> list[tuple[str, Triple]]:
    held = [(n, s) for n, s in shares.items() if s is not None and s[0] >= _WORTH_NAMING]
    return sorted(held, key=lambda pair: -pair[1][0])


def _places(words: Words, common: list[tuple[str, Triple]], key: str = "say.places") -> list[str]:
    return [words.text(key, start=words.start, places=_named(words, common))] if common else []


def _named(words: Words, common: list[tuple[str, Triple]]) -> str:
    return ", ".join(
        words.text("say.place", site=words.site(name), n=f"{100 * share[0]:.0f}")
        for name, share in common[:_MOST_PLACES]
    )


def stage(words: Words, group: str) -> Said:
    """Say how often there is distant spread at a stage; without a group, at every stage."""
    names = [f"stage:{g}" for g in _groups(words) if g == group or not group]
    rows = [words.row(_upper(name), _reported(words, name)) for name in names if words.has(name)]
    tables = words.table("stage", ["share", "distant", "distant_visible"], rows)
    if not group or not tables:
        return _stages(words, names), tables
    about = f"stage:{group}"
    distant, visible = (words.cell(about, w, "diagnosis") for w in ("distant", "distant visible"))
    if distant is None or visible is None:
        return [], tables
    shares = {n: words.cell(about, f"at {n}", "diagnosis") for n in words.whats(about, "at ")}
    places = _commonest({n: s for n, s in shares.items() if n in _distant(words)})
    if distant[1] > 0.99:  # stage IV is distant spread that was found
        plain = _places(words, places, "say.stage_places")
    else:
        n, likely = words.of_100(distant[0]), words.likely(distant)
        plain = [
            words.text("say.stage", start=words.start, n=n, likely=likely),
            words.text("say.stage_visible", n=words.of_100(visible[0])),
        ]
    rows = [words.row(words.site(n), [s]) for n, s in _commonest(shares)[:_MOST_ROWS]]
    return plain, tables + words.table("stage_sites", ["any"], rows, stage=group)


def _stages(words: Words, names: list[str]) -> list[str]:
    """Compare the earliest stage with the latest in which distant spread is not known."""
    found = {name: words.cell(name, "distant", "diagnosis") for name in names}
    hidden = [(n, share) for n, share in found.items() if share is not None and share[1] < 0.99]
    if len(hidden) < 2:
        return []
    (first, early), (last, late) = hidden[0], hidden[-1]
    n, m = words.of_100(early[0]), words.of_100(late[0])
    ends = {"first": _upper(first), "last": _upper(last)}
    return [words.text("say.stages", start=words.start, n=n, m=m, **ends)]


def _groups(words: Words) -> list[str]:
    """Return the stage groups of the newest edition, early to late, without their letters."""
    groups = edition_table(words.primary).groups
    return list(dict.fromkeys(group.rstrip("ABC") for group in groups))


def _upper(name: str) -> str:
    return name.split(":", 1)[1].replace("_", " ")


def _reported(words: Words, name: str) -> list[Triple | None]:
    return [words.cell(name, what, "diagnosis") for what in ("share", "distant", "distant visible")]


def category(words: Words, axis: str) -> Said:
    """Say how often there is distant spread by reported T, N or M."""
    meant = getattr(edition_table(words.primary), axis)
    names = [f"{axis}:{name}" for name in meant if words.has(f"{axis}:{name}")]
    rows = [words.row(_upper(name), _reported(words, name)) for name in names]
    tables = words.table("category", ["share", "distant", "distant_visible"], rows)
    ends = [words.cell(names[i], "distant", "diagnosis") for i in (0, -1)] if names else []
    plain = []
    if axis != "m" and len(ends) == 2 and ends[0] is not None and ends[1] is not None:
        plain = [
            words.text(
                "say.category",
                start=words.start,
                first=_upper(names[0]),
                last=_upper(names[-1]),
                n=words.of_100(ends[0][0]),
                m=words.of_100(ends[1][0]),
            )
        ]
    return plain, tables


def peritoneal_index(words: Words, _: str) -> Said:
    """Say how often there is distant spread by the peritoneal index."""
    return category(words, "t") if words.primary == "peritoneal" else NOTHING


def route(words: Words, via: str) -> Said:
    """Say which share of tumours in distant places came by a route, and where most."""
    share = words.cell(f"route:{via}", "distant", "ever")
    if share is None:
        return NOTHING
    n, likely = words.of_100(share[0]), words.likely(share)
    plain = [words.text("say.route", start=words.start, n=n, likely=likely)]
    if via == "lymphatic":
        nodes = words.cell("site:regional_nodes", "any", "diagnosis")
        plain += [words.text("say.nodes", n=words.of_100(nodes[0]))] if nodes else []
    rows = [
        words.row(words.text("row.distant"), [share]),
        words.row(words.text("row.every"), [words.cell(f"route:{via}", "every", "ever")]),
    ]
    by_site = [
        words.row(words.site(about.removeprefix("site:")), [found])
        for about in words.numbers.numbers
        if about.startswith("site:")
        and (found := words.cell(about, f"route:{via}", "ever")) is not None
    ]
    by_site.sort(key=_first, reverse=True)
    return plain, words.table("route", ["this_route"], rows + by_site)


def symptom(words: Words, name: str) -> Said:
    """Say from which cause people have a symptom."""
    about = f"symptom:{name}"
    causes = {cause: words.cell(about, f"cause:{cause}", "diagnosis") for cause in
              words.whats(about, "cause:")}  # fmt: skip
    if not causes:
        return NOTHING
    pooled = ("spread", "extent", "other causes")
    sites = _commonest({c: share for c, share in causes.items() if c not in pooled})
    plain = [words.text("say.symptom", start=words.start)]
    if (extent := causes.get("extent")) is not None:
        plain.append(words.text("say.symptom_extent", n=words.of_100(extent[0])))
    if (spread := causes.get("spread")) is not None:
        key = "say.symptom_spread_where" if sites else "say.symptom_spread"
        where = words.site(sites[0][0]) if sites else ""
        n, likely = words.of_100(spread[0]), words.likely(spread)
        plain.append(words.text(key, n=n, site=where, likely=likely))
    if (other := causes.get("other causes")) is not None:
        plain.append(words.text("say.symptom_other", n=words.of_100(other[0])))
    moments = ("diagnosis", "12")
    pairs = {cause: [words.cell(about, f"cause:{cause}", m) for m in moments] for cause in causes}
    rows = [
        words.row(words.maybe(f"row.{cause.split()[0]}", words.site(cause)), cells)
        for cause, cells in pairs.items()
    ]
    rows.sort(key=_first, reverse=True)
    has = words.row(words.text("row.has"), [words.cell(about, "has", m) for m in moments])
    return plain, [
        *words.table("has", list(moments), [has], symptom=name),
        *words.table("symptom", list(moments), rows[: _MOST_ROWS + 2], symptom=name),
    ]


def scan(words: Words, name: str) -> Said:
    """Say what an examination shows of what is there, site by site."""
    about = f"scan:{name}"
    if not words.has(about):
        return NOTHING
    living = name not in ("autopsy", "biopsy")
    columns = ["visible", "false positive", "found"] if living else ["hidden", "visible", "felt"]
    rows = [
        words.row(
            words.maybe(f"row.{what}", words.site(what)),
            [words.cell(about, what, column) for column in columns],
            "simulated" if what in ("distant", "regional_nodes") else words.kind(about, what),
        )
        for what in words.whats(about)
    ]
    heads = [column.replace(" ", "_") for column in columns]
    plain = _shown(words, about) if living else []
    return plain, words.table("scan", heads, rows, scan=name)


def _shown(words: Words, about: str) -> list[str]:
    found, large = (words.cell(about, "distant", what) for what in ("found", "visible"))
    plain = []
    if found is not None:
        n, likely = words.of_100(found[0]), words.likely(found)
        plain.append(words.text("say.scan", start=words.start, n=n, likely=likely))
    if found is not None and large is not None:
        plain.append(words.text("say.scan_visible", n=words.of_100(large[0])))
    nodes = words.cell(about, "regional_nodes", "found")
    if found is None and nodes is not None:
        n, likely = words.of_100(nodes[0]), words.likely(nodes)
        plain.append(words.text("say.scan_nodes", start=words.start, n=n, likely=likely))
    return plain
