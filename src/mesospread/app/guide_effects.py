"""What the model says about treatments and about what differs between people."""

from __future__ import annotations

from mesospread.app.guide_numbers import ModelRow, ModelTable, Triple, Words
from mesospread.app.guide_parts import NOTHING, Said

#: kinds of routes in the order in which effects are told; what is spread, in the same order
_VIAS = (
    "growth", "direct", "lymphatic", "haematogenous", "outgrowth", "progression", "mortality",
)  # fmt: skip
_SPREAD = ("haematogenous", "lymphatic", "direct", "outgrowth")
_BY_REASONING = {"mechanism"}
#: an effect this small at the lower end of its interval may be none
_NONE = 0.005


def treatment(words: Words, name: str) -> Said:
    """Say what a treatment changes, and how good the evidence is that it does."""
    about = f"treatment:{name}"
    if name not in words.numbers.grades:
        return NOTHING
    effects = _ordered(words.whats(about))
    lasting = any(words.cell(about, what, "afterwards") for what in effects)
    whens = ["given", "working", *(["afterwards"] if lasting else [])]
    rows = [_effect(words, name, what, whens) for what in effects]
    tables = words.table("treatment", whens, rows, "ratio", name=name)
    responses = [
        words.row(
            words.text("row.response_all") if level == "all" else words.text(f"type.{level}"),
            [triple],
            words.kind(about, "response"),
        )
        for level, triple in words.numbers.numbers.get(about, {}).get("response", {}).items()
    ]
    tables += words.table("response", ["chance"], responses, name=name)
    tables += words.table("clears", ["chance"], _cleared(words, about), name=name)
    return _slows(words, name), tables


def _ordered(names: list[str]) -> list[str]:
    """Return the kinds of routes on which there is an effect, everywhere before some places."""
    return [
        name
        for via in _VIAS
        for name in sorted(names, key=len)
        if name.partition("/")[0].partition("@")[0] == via
    ]


def _effect(words: Words, name: str, what: str, whens: list[str]) -> ModelRow:
    place, _, people = what.partition("/")
    via, _, places = place.partition("@")
    label = words.text(f"via.{via}")
    if places:
        label += f" ({places.replace('+', ', ').replace('_', ' ')})"
    if people:
        label += f" ({', '.join(words.text(f'type.{kind}') for kind in people.split('+'))})"
    about = f"treatment:{name}"
    cells = [words.cell(about, what, when) for when in whens]
    return words.row(label, cells, words.numbers.grades[name].get(what, ""))


def _cleared(words: Words, about: str) -> list[ModelRow]:
    rows = []
    for what, by_type in words.numbers.numbers.get(about, {}).items():
        if not what.startswith("clears:"):
            continue
        _, place, level = what.split(":")
        label = words.text("row.clears", site=words.site(place), level=level.replace("_", " "))
        for kind, triple in by_type.items():
            suffix = "" if kind == "all" else f", {words.text(f'type.{kind}')}"
            rows.append(words.row(f"{label}{suffix}", [triple], words.kind(about, what)))
    return rows


def _slows(words: Words, name: str) -> list[str]:
    """Say by how much new spread is slowed; or that nothing speaks for it."""
    about = f"treatment:{name}"
    for what in _spread_first(words.whats(about)):
        for when, key in (("working", "say.treatment"), ("given", "say.treatment_given")):
            ratio = words.cell(about, what, when)
            if ratio is not None and ratio[0] < 1:
                evidence = words.text(_evidence(words.numbers.grades[name].get(what, "")))
                return [_slowed(words, name, what, ratio, key), *_where(words, what), evidence]
    return [words.text("say.treatment_none", start=words.start, name=name)]


def _slowed(words: Words, name: str, what: str, ratio: Triple, key: str) -> str:
    """Say by how much of 100 something is slowed, from a rate ratio below 1."""
    value, low, high = ratio
    slowed: Triple = (1 - value, max(1 - high, 0.0), 1 - low)
    likely = words.likely(slowed)
    if slowed[1] < _NONE:
        likely = " " + words.text("number.none", high=f"{100 * slowed[2]:.0f}")
    return words.text(
        key,
        start=words.start,
        name=name,
        what=words.text(f"what.{what.partition('@')[0]}"),
        n=words.of_100(slowed[0]),
        likely=likely,
    )


def _spread_first(names: list[str]) -> list[str]:
    """Return the effects on spread: those everywhere, then those in some places."""
    found = [name for name in names if name.partition("@")[0] in _SPREAD]
    return sorted(found, key=lambda name: ("@" in name, _SPREAD.index(name.partition("@")[0])))


def _where(words: Words, name: str) -> list[str]:
    """Say in which places an effect is, if not everywhere."""
    places = name.partition("@")[2]
    if not places:
        return []
    named = [words.maybe(f"places.{place}", words.site(place)) for place in places.split("+")]
    return [words.text("say.treatment_where", places=", ".join(named))]


def _evidence(grades: str) -> str:
    """Return the key of what is said of grades: the weakest decides."""
    listed = set(grades.split(", "))
    if listed & _BY_REASONING:
        return "say.grade_mechanism"
    return "say.grade_borrowed" if "borrowed" in listed else "say.grade_studied"


def histology(words: Words, chosen: str) -> Said:
    """Say how often there is distant spread by cell type; of one type, or of all three."""
    shares = {
        kind: words.cell(f"group:histology={kind}", "any", "diagnosis")
        for kind in ("epithelioid", "biphasic", "sarcomatoid")
    }
    tables = _effects_on(words, "histology") + _by_group(words, "histology")
    held = {kind: share for kind, share in shares.items() if share is not None}
    plain = _one_type(words, chosen, held) if chosen else _all_types(words, held)
    return plain, tables


def _one_type(words: Words, chosen: str, held: dict[str, Triple]) -> list[str]:
    everybody = words.cell("distant", "any", "diagnosis")
    if chosen not in held or everybody is None:
        return []
    share = held[chosen]
    n, likely = words.of_100(share[0]), words.likely(share)
    return [
        words.text("say.histology_one", start=words.start, n=n, likely=likely),
        words.text("say.histology_all", n=words.of_100(everybody[0])),
        *_speed_of(words, chosen, "say.histology_speed"),
    ]


def _all_types(words: Words, held: dict[str, Triple]) -> list[str]:
    if "epithelioid" not in held:
        return []
    n = words.of_100(held["epithelioid"][0])
    others = {kind: share for kind, share in held.items() if kind != "epithelioid"}
    parts = [
        words.text("say.histology_part", n=words.of_100(share[0]), type=words.text(f"type.{kind}"))
        for kind, share in others.items()
    ]
    speeds = [line for kind in others for line in _speed_of(words, kind, "say.histology_speeds")]
    return [words.text("say.histology", start=words.start, n=n), *parts, *speeds]


def _speed_of(words: Words, kind: str, key: str) -> list[str]:
    """Say how fast a cell type grows against the epithelioid one."""
    ratio = words.cell("effect:histology_growth", kind, "ratio")
    if ratio is None or kind == "epithelioid":
        return []
    n, low, high = (f"{x:.1f}" for x in ratio)
    named = words.text(f"type.{kind}")
    return [words.text(key, type=named, n=words.text("number.about", n=n), low=low, high=high)]


def _effects_on(words: Words, covariate: str) -> list[ModelTable]:
    """Return the rate ratios that a trait has in the model."""
    rows = []
    for about in words.numbers.numbers:
        beginning, _, name = about.partition(":")
        if beginning != "effect":
            continue
        what = name.removeprefix(f"{covariate}_") if name.startswith(f"{covariate}_") else ""
        if not what:
            continue
        for level in words.whats(about):
            label = f"{words.text(f'effect.{what}')}, {words.maybe(f'type.{level}', level)}"
            cell = words.cell(about, level, "ratio")
            rows.append(words.row(label, [cell], words.kind(about, level)))
    return words.table("effect", ["ratio"], rows, "ratio")


def _members(words: Words, covariate: str) -> list[str]:
    """Return the groups that a trait makes."""
    beginning = f"group:{covariate}="
    held = [about for about in words.numbers.numbers if about.startswith(beginning)]
    return [about.removeprefix(beginning) for about in held]


def _by_group(words: Words, covariate: str) -> list[ModelTable]:
    columns = (("any", "diagnosis"), ("visible", "diagnosis"), ("any", "12"))
    rows = [
        words.row(
            words.maybe(f"type.{level}", level),
            [words.cell(f"group:{covariate}={level}", what, when) for what, when in columns],
        )
        for level in _members(words, covariate)
    ]
    return words.table("group", ["any_diagnosis", "visible_diagnosis", "any_12"], rows)


def trait(words: Words, covariate: str) -> Said:
    """Say that a trait changes no spread, if so; show what it changes, and spread by group."""
    # an effect is named by its trait and by what it changes
    prefix = {"performance_status": "fitness"}.get(covariate, covariate)
    tables = _effects_on(words, prefix) + _by_group(words, covariate)
    changed = [
        about.removeprefix(f"effect:{prefix}_")
        for about in words.numbers.numbers
        if about.startswith(f"effect:{prefix}_")
    ]
    if len(_members(words, covariate)) < 2:
        return NOTHING
    if not tables or set(changed) - {"mortality"}:
        return [], tables
    named = words.text(f"trait.{covariate}")
    return [words.text("say.trait_none", start=words.start, trait=named)], tables


def response(words: Words, _: str) -> Said:
    """Say what a treatment that works changes: the usual one, as an example."""
    return treatment(words, "pemetrexed + cisplatin")


def speed(words: Words, _: str) -> Said:
    """Say how much people differ in speed, and how long deposits stay hidden."""
    plain = []
    fast = words.cell("frailty:growth", "fast against slow", "ratio")
    if fast is not None:
        value, low, high = (f"{x:.0f}" for x in fast)
        plain.append(words.text("say.speed", start=words.start, n=value, low=low, high=high))
    wait = words.cell("wait:outgrowth", "organ", "months")
    if wait is not None:
        value, low, high = (f"{x:.0f}" for x in wait)
        likely = " " + words.text("number.likely_months", low=low, high=high)
        about = words.text("number.about", n=value)
        plain.append(words.text("say.wait", n=about, likely=likely))
    rows = [
        words.row(
            words.text("row.fast", what=words.text(f"row.{name}")),
            [words.cell(f"frailty:{name}", "fast against slow", "ratio")],
            words.kind(f"frailty:{name}", "fast against slow"),
        )
        for name in ("growth", "seeding")
    ]
    waits = [
        words.row(
            words.text(f"row.{what}"),
            [words.cell("wait:outgrowth", what, "months")],
            words.kind("wait:outgrowth", what),
        )
        for what in ("organ", "contiguous")
    ]
    tables = words.table("frailty", ["ratio"], rows, "ratio")
    return plain, tables + words.table("wait", ["months"], waits, "months")
