"""Beside each number: how many studies and people stand behind it, and how good that is.

Sections are made without a thought of this. Afterwards each row and each leading sentence is
looked up by its own words, and gets its mark; those that were used make up the list of sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mesospread.infer.result import Comparison, Forecast
from mesospread.model.load import observation
from mesospread.report.basis import (
    Basis,
    Work,
    distant_basis,
    people_in,
    scan_basis,
    site_basis,
    survival_basis,
    symptom_basis,
    treatment_basis,
)
from mesospread.report.view_blocks import (
    Block,
    Folded,
    Group,
    Heading,
    Mark,
    Paragraph,
    Section,
    Table,
)
from mesospread.report.view_parts import (
    Words,
    cause_label,
    scan_name,
    site_label,
    symptom_label,
    whole,
)

#: sections about something else than numbers of the model
_WITHOUT = frozenset({"why", "flags", "questions", "help", "about", "basis", "readings"})
_THIN = ("C", "D")


@dataclass(frozen=True)
class Behind:
    """One number and what stands behind it.

    Attributes
    ----------
    name, label
        Short unique name, and in words for the reader.
    basis
        The evidence.
    """

    name: str
    label: str
    basis: Basis

    @property
    def anchor(self) -> str:
        """Name of its row in the list of sources."""
        return f"behind-{self.name}"


@dataclass
class Marks:
    """The marks of one answer; those that were used are remembered.

    Attributes
    ----------
    rows
        First cell of a row, or its first two, to what stands behind it.
    leads
        Section to what stands behind its leading sentence.
    words
        The reader's words.
    used
        What was used so far, by name.
    """

    rows: Mapping[tuple[str, ...], Behind]
    leads: Mapping[str, Behind]
    words: Words
    used: dict[str, Behind] = field(default_factory=dict)

    def on(self, sections: Iterable[Section | None]) -> list[Section | None]:
        """Return sections with a mark on each number that has one."""
        marked = [None if one is None else self._on_section(one) for one in sections]
        return [self._with_key(one) for one in marked] if self.used else marked

    def _with_key(self, section: Section | None) -> Section | None:
        """Say below the short answer how marks are read."""
        if section is None or section.id != "short":
            return section
        key = Paragraph(self.words("mark.key"), "note")
        return replace(section, blocks=(*section.blocks, key))

    def _on_section(self, section: Section) -> Section:
        lead = self.leads.get(section.id)
        if section.id in _WITHOUT:
            return section
        if section.id == "survival" and lead is not None:
            # not the rows: what a treatment does to survival is not what it does to spread
            return replace(section, blocks=self._on_first(section.blocks, lead))
        return replace(section, blocks=self._on_blocks(section.blocks, lead))

    def _on_first(self, blocks: Sequence[Block], behind: Behind) -> tuple[Block, ...]:
        first, *others = blocks
        assert isinstance(first, Paragraph)
        return (replace(first, mark=self._mark(behind)), *others)

    def _on_blocks(self, blocks: Sequence[Block], lead: Behind | None) -> tuple[Block, ...]:
        """Return blocks with marks; a heading that names a place is about it from then on."""
        marked: list[Block] = []
        for block in blocks:
            if isinstance(block, Heading):
                lead = self.rows.get((block.text[:1].lower() + block.text[1:],), lead)
                lead = self.rows.get((block.text,), lead)
            if isinstance(block, Folded):
                lead = self.rows.get((block.about,), lead)
            new, lead = self._on_block(block, lead)
            marked.append(new)
        return tuple(marked)

    def _on_block(self, block: Block, lead: Behind | None) -> tuple[Block, Behind | None]:
        """Return a block with its marks, and what the next leading sentence rests on."""
        match block:
            case Paragraph(style="lead") if lead is not None:
                return replace(block, mark=self._mark(lead)), None
            case Table():
                return self._on_table(block), lead
            case Group(blocks) | Folded(blocks=blocks):
                inner = self._on_blocks(blocks, lead)
                told = any(isinstance(b, Paragraph) and b.mark is not None for b in inner)
                return replace(block, blocks=inner), None if told else lead
        return block, lead

    def _on_table(self, table: Table) -> Table:
        found = [self._of_row(row) for row in table.rows]
        if not any(found):
            return table
        return replace(
            table, marks=tuple(None if one is None else self._mark(one) for one in found)
        )

    def _of_row(self, row: tuple[str, ...]) -> Behind | None:
        # on the body map and in its list, places carry numbers
        number, _, rest = row[0].partition(". ")
        first = rest if number.isdigit() else row[0]
        return self.rows.get((first, *row[1:2])) or self.rows.get((first,))

    def _mark(self, behind: Behind) -> Mark:
        self.used.setdefault(behind.name, behind)
        basis, words = behind.basis, self.words
        return Mark(
            mark_text(basis, words),
            behind.anchor,
            basis.grade in _THIN,
            _counted_text(basis, words),
            words(f"mark.grade.{basis.grade}"),
        )


def forecast_marks(result: Forecast, words: Words) -> Marks:
    """Return the marks for the numbers of a forecast."""
    primary = str(result.patient["primary"])
    distant = Behind("distant", words("mark.distant"), distant_basis(primary))
    searched = {name for search in result.searches for name in search.modalities}
    scans = {name: _scan(primary, name, words) for name in sorted(searched)}
    alone = [search for search in result.searches if len(search.modalities) == 1]
    leads = {"short": distant, "survival": _survival(primary, words)}
    if alone:
        leads["scans"] = scans[alone[0].modalities[0]]
    return Marks(
        {
            **_sites(primary, ["regional_nodes", *(s.site for s in result.sites)], words),
            **{(scan_name(name, words),): behind for name, behind in scans.items()},
            **_pairs(result, primary, words),
            **_places_scanned(result, primary, words),
            **_causes(result, primary, words),
        },
        leads,
        words,
    )


def compare_marks(result: Comparison, labels: Sequence[str], words: Words) -> Marks:
    """Return the marks for the numbers of a comparison.

    Parameters
    ----------
    result
        The comparison.
    labels
        Of its options, in their order.
    words
        The reader's words.
    """
    primary = str(result.patient["primary"])
    sites = [one.site for one in result.options[0].sites if one.site != "any_distant"]
    rows = dict(_sites(primary, sites, words))
    distant = Behind("distant", words("mark.distant"), distant_basis(primary))
    rows[(site_label(primary, "any_distant", words),)] = distant
    leads = {}
    for number, (option, label) in enumerate(zip(result.options, labels, strict=True), start=1):
        basis = treatment_basis(primary, option.treatment)
        if option.treatment == "none":
            rows[(label,)] = distant
        else:
            rows[(label,)] = leads[f"option-{number}"] = Behind(f"option-{number}", label, basis)
    leads["survival"] = _survival(primary, words)
    return Marks(rows, leads, words)


def _sites(primary: str, sites: Iterable[str], words: Words) -> dict[tuple[str, ...], Behind]:
    found: dict[tuple[str, ...], Behind] = {}
    for site in sites:
        label = site_label(primary, site, words)
        found[label,] = Behind(site, label, site_basis(primary, site))
    return found


def _scan(primary: str, modality: str, words: Words) -> Behind:
    name = f"scan-{modality.replace(' ', '-')}"
    return Behind(name, scan_name(modality, words), scan_basis(primary, modality))


def _pairs(result: Forecast, primary: str, words: Words) -> dict[tuple[str, ...], Behind]:
    """Return what stands behind two examinations in a row: that of the last one."""
    return {
        (f", {words('scans.then')} ".join(scan_name(m, words) for m in search.modalities),): (
            _scan(primary, search.modalities[-1], words)
        )
        for search in result.searches
        if len(search.modalities) > 1
    }


def _places_scanned(result: Forecast, primary: str, words: Words) -> dict[tuple[str, ...], Behind]:
    found: dict[tuple[str, ...], Behind] = {}
    for scan in result.scans:
        label = words(
            "scans.of_place",
            scan=scan_name(scan.modality, words),
            place=site_label(primary, scan.site, words),
        )
        name = f"scan-{scan.modality.replace(' ', '-')}-{scan.site}"
        found[label,] = Behind(name, label, scan_basis(primary, scan.modality, scan.site))
    return found


def _causes(result: Forecast, primary: str, words: Words) -> dict[tuple[str, ...], Behind]:
    names = {one.label: one.name for one in observation(primary).symptom}
    found: dict[tuple[str, ...], Behind] = {}
    for symptom in result.symptoms:
        name = names[symptom.symptom]
        label = symptom_label(name, symptom.symptom, words)
        for cause in symptom.causes:
            told = cause_label(cause.cause, primary, words)
            found[label, told] = Behind(
                f"symptom-{name.replace(' ', '-')}-{cause.cause.replace(' ', '-')}",
                words("mark.cause", symptom=label, cause=told),
                symptom_basis(primary, name, cause.cause),
            )
    return found


def _survival(primary: str, words: Words) -> Behind:
    return Behind("survival", words("mark.survival"), survival_basis(primary))


def mark_text(basis: Basis, words: Words) -> str:
    """Say in a few words how many studies and people stand behind a number, and how good it is."""
    grade = words(f"mark.grade.{basis.grade}")
    return words("mark.text", counted=_counted_text(basis, words), grade=grade)


def _counted_text(basis: Basis, words: Words) -> str:
    own, elsewhere = basis.own, basis.elsewhere
    if own:
        counted = _counted("own", own, words)
        return words("mark.also", own=counted, n=len(elsewhere)) if elsewhere else counted
    return _counted("borrowed", elsewhere, words) if elsewhere else words("mark.nothing")


def _counted(key: str, works: Sequence[Work], words: Words) -> str:
    people = people_in(works)
    studies = words("mark.study" if len(works) == 1 else "mark.studies", n=len(works))
    told = words("mark.people", n=whole(people, words)) if people else words("mark.uncounted")
    return words(f"mark.{key}", studies=studies, people=told)


def behind_table(used: Iterable[Behind], words: Words) -> Table:
    """Return the list of what stands behind which number, one row for each."""
    listed = list(used)
    return Table(
        words("mark.table"),
        tuple(words(f"mark.column.{name}") for name in ("number", "studies", "grade")),
        tuple(
            (
                one.label[:1].upper() + one.label[1:],
                "; ".join(_cited(work, words) for work in one.basis.works) or words("mark.nothing"),
                words(f"mark.grade.{one.basis.grade}"),
            )
            for one in listed
        ),
        words=(1, 2),
        note=words("mark.once"),
        anchors=tuple(one.anchor for one in listed),
    )


def _cited(work: Work, words: Words) -> str:
    told = " / ".join(work.citations)
    if work.people:
        told = words("mark.cited", citation=told, n=whole(work.people, words))
    return told if work.own else words("mark.cited_elsewhere", citation=told)
