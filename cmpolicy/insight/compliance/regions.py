"""Regional figures: minimum wage, local average wage, limits for payment, each with a date and a source.

The bundled `regions.yaml` has examples; a file of the user's replaces a region's figures or adds a region.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cmpolicy.errors import CmpolicyError, Problem, suggest
from cmpolicy.insight.compliance.findings import MARKS, Mark
from cmpolicy.insight.compliance.schema import Entry, read_rows
from cmpolicy.messages import Message, language
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.yaml_files import load_yaml

if TYPE_CHECKING:
    import datetime

BUNDLED = Path(__file__).parent / "regions.yaml"
_MARK = Entry("word", tuple(MARKS), required=True)
_FIGURES = {
    "minimum_wage": {"yuan": Entry("money", required=True)},
    "average_wage": {"yuan": Entry("money", required=True)},
    "payment_limits": {
        "quarter_months": Entry("whole", required=True),
        "year_months": Entry("whole", required=True),
    },
    "leaver_pro_rata": {},
}
_PLAIN = ("name", "province")
FIGURE_TEXTS = {
    "minimum_wage": Message("minimum wage, yuan a month"),
    "average_wage": Message("local average wage, yuan a month"),
    "payment_limits": Message("limits of payment, months after the period"),
    "leaver_pro_rata": Message("a leaver's bonus pro rata"),
}


class Figure(NamedTuple):
    """A figure, the first day of its use, how sure it is, and its source (texts by language)."""

    start: datetime.date
    values: Mapping[str, int]
    mark: Mark
    source: Mapping[str, str]


@dataclass(frozen=True)
class Region:
    """The figures of one place, each list in the order of time.

    Attributes
    ----------
    id : str
        Such as "shenzhen".
    names : Mapping
        Texts by language.
    province : str
    figures : Mapping
        Lists of `Figure` by kind: minimum_wage and average_wage (fen a month under "yuan"), payment_limits,
        leaver_pro_rata.
    """

    id: str
    names: Mapping[str, str]
    province: str = ""
    figures: Mapping[str, tuple[Figure, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name in the language in use."""
        return self.names[language()]

    def on(self, kind: str, day: datetime.date) -> Figure | None:
        """Give the figure in use on a day; None where there is none yet.

        Examples
        --------
        >>> import datetime
        >>> find_region("shenzhen").on("minimum_wage", datetime.date(2025, 1, 1)).values
        {'yuan': 236000}
        """
        known = [one for one in self.figures.get(kind, ()) if one.start <= day]
        return known[-1] if known else None


def figure_text(kind: str, figure: Figure) -> str:
    """Write what a figure says, for people."""
    values = figure.values
    if "yuan" in values:
        return in_yuan(values["yuan"])
    if kind == "payment_limits":
        months = {"quarter": values["quarter_months"], "year": values["year_months"]}
        return str(Message("quarter {quarter}, year {year}", **months))
    return str(Message("yes"))


def find_region(name: str, regions: Mapping[str, Region] | None = None) -> Region:
    """Find a region by its id or by its name in either language.

    Parameters
    ----------
    name
    regions
        From `read_regions`; the bundled ones where it is left out.

    Raises
    ------
    CmpolicyError
        For a region without figures; names the nearest one, and all that there are.

    Examples
    --------
    >>> find_region("深圳").id
    'shenzhen'
    """
    regions = read_regions() if regions is None else regions
    named = {text.lower(): region for region in regions.values() for text in (region.id, *region.names.values())}
    wanted = name.strip().lower()
    if wanted in named:
        return named[wanted]
    near = suggest(wanted, named)
    hint = Message("one of {options}, or a file that has it (--regions FILE)", options=", ".join(regions))
    if near is not None:
        hint = Message("{nearest}; or {expected}", nearest=named[near].id, expected=hint)
    raise CmpolicyError(
        Message("There are no figures of the region {name}.", name=name),
        [Problem(Message("The minimum wage and other figures differ from place to place."), value=name, expected=hint)],
    )


def read_regions(source: Path | str | Mapping[str, Any] | None = None) -> dict[str, Region]:
    """Read the bundled regions, and over them those of a file.

    Parameters
    ----------
    source
        A YAML file, or its content, with the layout of the bundled `regions.yaml`. What it says of a region replaces
        what is bundled under the same name there; all else stays.

    Raises
    ------
    CmpolicyError
        With every problem of the file.

    Examples
    --------
    >>> given = {"shenzhen": {"minimum_wage": [{"from": "2025-03-01", "yuan": 2520, "mark": "P", "source": "notice"}]}}
    >>> [figure.values for figure in read_regions(given)["shenzhen"].figures["minimum_wage"]]
    [{'yuan': 252000}]
    """
    if source is None:
        return dict(_bundled())
    content = load_yaml(Path(source)) if isinstance(source, str | Path) else source
    message = Message("The regional figures cannot be used.")
    if isinstance(source, str | Path):
        message = Message("The file of regional figures {path} cannot be used.", path=source)
    if not isinstance(content, Mapping):
        problem = Message("This is not a list of names with their values.")
        raise CmpolicyError(message, [Problem(problem, value="" if content is None else str(content))])
    problems: list[Problem] = []
    found = _regions(content, _bundled(), problems)
    if problems:
        raise CmpolicyError(message, problems)
    return {**_bundled(), **found}


@functools.cache
def _bundled() -> dict[str, Region]:
    content: Any = load_yaml(BUNDLED)
    problems: list[Problem] = []
    found = _regions(content, {}, problems)
    assert not problems  # noqa: S101 - our own file
    return found


def _regions(content: Mapping[str, Any], known: Mapping[str, Region], problems: list[Problem]) -> dict[str, Region]:
    found = {}
    for raw, entries in content.items():
        name = str(raw)
        if not isinstance(entries, Mapping):
            wrong = Message("This is not a list of names with their values.")
            problems.append(Problem(wrong, name, value=str(entries)))
            continue
        before = known.get(name, Region(name, {"zh": name, "en": name}))
        figures = dict(before.figures)
        for kind, rows in entries.items():
            if kind in _FIGURES:
                figures[kind] = _figures(rows, kind, f"{name}.{kind}", problems)
            elif kind not in _PLAIN:
                near = suggest(str(kind), [*_FIGURES, *_PLAIN])
                hint = None if near is None else Message("a name such as {nearest}", nearest=near)
                problems.append(Problem(Message("There is no such name here: {name}.", name=kind), name, expected=hint))
        names = _by_language(entries["name"]) if "name" in entries else before.names
        found[name] = Region(name, names, str(entries.get("province", before.province)), figures)
    return found


def _figures(rows: object, kind: str, section: str, problems: list[Problem]) -> tuple[Figure, ...]:
    # A source is a text, or one text a language: both are kept as texts by language.
    if isinstance(rows, list):
        sources = [_by_language(row.get("source") or "") if isinstance(row, Mapping) else {} for row in rows]
        rows = [
            {name: value for name, value in row.items() if name != "source"} | {"source": sources[place].get("en", "")}
            if isinstance(row, Mapping)
            else row
            for place, row in enumerate(rows)
        ]
    shared = {"from": Entry("date", required=True), "mark": _MARK, "source": Entry("text", required=True)}
    count = len(problems)
    read = read_rows(rows, shared | _FIGURES[kind], section, problems)
    for place, row in enumerate(read, start=1):
        if row.get("source") == "":
            problems.append(Problem(Message("A figure needs its source."), section, place))
    if len(problems) > count:
        return ()
    found = [
        Figure(row["from"], {name: row[name] for name in _FIGURES[kind]}, row["mark"], source)
        for row, source in zip(read, sources if read else [], strict=True)
    ]
    return tuple(sorted(found, key=lambda one: one.start))


def _by_language(text: object) -> dict[str, str]:
    if isinstance(text, Mapping):
        return {code: str(text.get(code, text.get("en", ""))) for code in ("zh", "en")}
    return dict.fromkeys(("zh", "en"), str(text))
