"""The compliance file: what the checks need and the tables of the staff data do not hold. A YAML file.

Every section and every name may be left out; what is not there is not known, and the checks that need it are not made.
What the staff table has goes before what this file says of a person; `default` holds for everyone under `people` and
for everyone who is not listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmpolicy.errors import CmpolicyError, Problem, suggest
from cmpolicy.insight.compliance.schema import Entry, read_rows, read_section
from cmpolicy.messages import Message
from cmpolicy.regulation.yaml_files import load_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

STEPS = ("training", "notice", "severance", "union", "protection")
"""What a dismissal for incompetence needs, as far as a regulation can promise it (LCL 40-43, 46)."""
NOT_BY_FAULT = ("expired", "agreed", "laid_off", "dismissed")
REASONS = (*NOT_BY_FAULT, "resigned", "fault")
LAWFUL_DEDUCTIONS = ("tax", "insurance", "housing_fund", "court_order")
"""The closed list of what may be deducted from wages (WPP 15)."""

REGULATION = {
    "consulted_on": Entry("done"),
    "published_on": Entry("done"),
    "acknowledged": Entry("share"),
    "text": Entry("text"),
    "probation_extension": Entry("word", ("by_employer", "agreed", "none")),
    "marriage_leave_in_probation": Entry("flag"),
    "observation_pay": Entry("word", ("probation_wage", "contract_wage", "agreed")),
    "dismissal_steps": Entry("words", STEPS),
    "contribution_base_includes_bonus": Entry("flag"),
    "severance_base_includes_bonus": Entry("flag"),
    "clawback": Entry("word", ("wages", "agreed", "none")),
    "records_kept_months": Entry("whole"),
    "pay_slips": Entry("flag"),
    "survey_forms_kept": Entry("flag"),
    "most_E_jump": Entry("share"),
}
PERSON = {
    "contract_months": Entry("contract"),
    "contract_wage": Entry("money"),
    "probation_wage": Entry("money"),
    "lowest_same_post_wage": Entry("money"),
    "excluded_pay": Entry("money"),
    "probations": Entry("whole"),
    "insured_from": Entry("done"),
    "wage_consent_on": Entry("done"),
    "leave_reason": Entry("word", REASONS),
    "bonus_tax": Entry("word", ("separate", "merged")),
}
_ID = {"staff_id": Entry("staff_id", required=True)}
DISMISSAL = {
    "found_on": Entry("done"),
    "trained_on": Entry("done"),
    "transferred_on": Entry("done"),
    "found_again_on": Entry("done"),
    "notice_on": Entry("done"),
    "dismissed_on": Entry("date", required=True),
    "pay_in_lieu": Entry("money"),
    "severance": Entry("money"),
    "union_told_on": Entry("done"),
    "protected": Entry("flag"),
}
PAYMENT = {"period": Entry("period", required=True), "paid_on": Entry("date", required=True)}
DEDUCTION = {
    "month": Entry("month", required=True),
    "amount": Entry("money", required=True),
    "month_wage": Entry("money", required=True),
    "ground": Entry("word", (*LAWFUL_DEDUCTIONS, "damages", "fine", "clawback", "other"), required=True),
}
YEAR_END_BONUS = {
    "paid_on": Entry("date", required=True),
    "amount": Entry("money", required=True),
    "tax": Entry("word", ("separate", "merged"), required=True),
}
SECTIONS = {
    "regulation": REGULATION,
    "default": PERSON,
    "people": _ID | PERSON,
    "dismissals": _ID | DISMISSAL,
    "payments": PAYMENT,
    "deductions": _ID | DEDUCTION,
    "year_end_bonuses": _ID | YEAR_END_BONUS,
}

OF_PEOPLE = tuple(section for section, entries in SECTIONS.items() if "staff_id" in entries)


@dataclass(frozen=True)
class Records:
    """What a compliance file says. Money is in fen; something that was not done is False.

    Attributes
    ----------
    region : str or None
    regulation : Mapping
        What the regulation says beside its settings, and how it was made known.
    default, people
        What holds for everyone, and by staff id.
    dismissals : Mapping
        Each dismissal's steps by staff id.
    payments : Mapping
        The day of payment by period, such as "2025-Q1" or "2025".
    deductions, year_end_bonuses : tuple or None
        Rows; None where the file has no such section, an empty tuple where there were none.
    """

    region: str | None = None
    regulation: Mapping[str, Any] = field(default_factory=dict)
    default: Mapping[str, Any] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dismissals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    payments: Mapping[str, Any] = field(default_factory=dict)
    deductions: tuple[Mapping[str, Any], ...] | None = None
    year_end_bonuses: tuple[Mapping[str, Any], ...] | None = None

    @property
    def staff_ids(self) -> dict[str, list[str]]:
        """The staff ids of each section, row by row."""
        return {
            "people": list(self.people),
            "dismissals": list(self.dismissals),
            "deductions": [row["staff_id"] for row in self.deductions or ()],
            "year_end_bonuses": [row["staff_id"] for row in self.year_end_bonuses or ()],
        }

    def knows(self, name: str) -> bool:
        """Tell whether the file says something of anybody under a name."""
        return name in self.default or any(name in one for one in self.people.values())

    def of_person(self, staff_id: str, name: str) -> Any:
        """Give what the file says of a person under a name; None where it says nothing."""
        return self.people.get(staff_id, {}).get(name, self.default.get(name))


def read_compliance(source: Path | str | Mapping[str, Any], staff_ids: Collection[str] | None = None) -> Records:
    """Read a compliance file.

    Parameters
    ----------
    source
        A YAML file, or its content.
    staff_ids
        Everyone in the data that it belongs to; where they are given, nobody else may stand in it.

    Returns
    -------
    Records

    Raises
    ------
    CmpolicyError
        With every problem: unknown sections, names and staff ids (the nearest is named), values that are not valid, a
        person listed twice; with section, row and staff id.

    Examples
    --------
    >>> read_compliance({"default": {"contract_months": 24, "excluded_pay": 0}}).of_person("CM01", "contract_months")
    24
    """
    if isinstance(source, str | Path):
        return records_of(load_yaml(Path(source)), str(source), staff_ids)
    return records_of(source, staff_ids=staff_ids)


def records_of(content: object, name: str = "records", staff_ids: Collection[str] | None = None) -> Records:
    """Read the content of a compliance file; `name` is what it is called in an error.

    Raises
    ------
    CmpolicyError
        As `read_compliance`.
    """
    problems: list[Problem] = []
    if content is None:
        content = {}
    if not isinstance(content, Mapping):
        problems.append(Problem(Message("This is not a list of names with their values."), value=str(content)))
        content = {}
    for section in content:
        if section not in (*SECTIONS, "region"):
            near = suggest(str(section), [*SECTIONS, "region"])
            hint = None if near is None else Message("a name such as {nearest}", nearest=near)
            problems.append(Problem(Message("There is no such section: {name}.", name=section), expected=hint))
    region = content.get("region")
    if region is not None and not isinstance(region, str):
        problems.append(
            Problem(Message("The value is not valid."), "region", value=str(region), expected=Message("a text"))
        )
    read = {
        section: (read_section if section in ("regulation", "default") else read_rows)(
            content.get(section), entries, section, problems
        )
        for section, entries in SECTIONS.items()
    }
    people, dismissals = (_by_staff_id(read[section], section, problems) for section in ("people", "dismissals"))
    _refuse_twice("payments", _named(read["payments"], "period"), problems)
    if staff_ids is not None:
        problems += _strangers({section: _named(read[section], "staff_id") for section in OF_PEOPLE}, staff_ids)
    if problems:
        raise CmpolicyError(Message("The compliance file {path} cannot be used.", path=name), problems)
    return Records(
        region,
        _mapping(read["regulation"]),
        _mapping(read["default"]),
        people,
        dismissals,
        {row["period"]: row["paid_on"] for row in _rows(read["payments"])},
        *(
            tuple(_rows(read[section])) if section in content else None
            for section in ("deductions", "year_end_bonuses")
        ),
    )


def refuse_strangers(records: Records, known: Collection[str]) -> None:
    """Refuse staff ids that the data do not have.

    Raises
    ------
    CmpolicyError
        Naming every one of them with its section, its row and the nearest staff id.
    """
    problems = _strangers(records.staff_ids, known)
    if problems:
        raise CmpolicyError(Message("The compliance file does not fit the data."), problems)


def _strangers(named: Mapping[str, Sequence[str | None]], known: Collection[str]) -> list[Problem]:
    """Find the staff ids, by section and row by row, that the data do not have."""
    problems = []
    for staff_id, places in _places(named).items():
        if staff_id not in known:
            near = suggest(staff_id, known)
            hint = None if near is None else Message("a staff id such as {nearest}", nearest=near)
            text = Message('There is nobody with the staff id "{staff_id}".', staff_id=staff_id)
            problems += [Problem(text, section, row, expected=hint) for section, row in places]
    return problems


def _mapping(read: Any) -> dict[str, Any]:
    found: dict[str, Any] = read
    return found


def _rows(read: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read
    return found


def _by_staff_id(read: Any, section: str, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    rows = _rows(read)
    _refuse_twice(section, _named(rows, "staff_id"), problems)
    return {str(row.get("staff_id")): row for row in rows}


def _named(read: Any, name: str) -> list[str | None]:
    """Give what the rows of a section say under a name; None where it is not there, or not valid."""
    return [row.get(name) for row in _rows(read)]


def _refuse_twice(section: str, names: list[str | None], problems: list[Problem]) -> None:
    for name, places in _places({section: names}).items():
        problems += [
            Problem(Message("{name} is listed a second time.", name=name), section, row) for _section, row in places[1:]
        ]


def _places(names: Mapping[str, Sequence[str | None]]) -> dict[str, list[tuple[str, int]]]:
    """Tell where each name stands: section and row, from 1."""
    found: dict[str, list[tuple[str, int]]] = {}
    for section, listed in names.items():
        for row, name in enumerate(listed, start=1):
            if name is not None:
                found.setdefault(name, []).append((section, row))
    return found
