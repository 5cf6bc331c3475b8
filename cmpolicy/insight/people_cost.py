"""What an outcome costs around the bonus: observation, dismissal, replacement, tax, contributions. No legal advice.

Each is an assumption that is off until it is switched on. None is part of an outcome's cost: some are the employer's,
the tax is the person's, and a saving by observation is one only where the person agreed in writing.

Money is in exact fen; each amount of a person is rounded half up to the fen, and sums are sums of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.insight.bonus_tax import SEPARATE_UNTIL, CliffZone, cliff_zone_of, merged_tax, separate_tax
from cmpolicy.insight.compliance.case import Case
from cmpolicy.insight.compliance.findings import MARKS, Mark
from cmpolicy.insight.compliance.regions import Region, find_region, read_regions
from cmpolicy.insight.compliance.schema import Entry, read_section
from cmpolicy.insight.severance import MONTHS_A_YEAR, Severance, average_wage, half_months_of, severance
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.arithmetic import round_half_up
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.yaml_files import load_yaml
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    import datetime

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.insight.compliance.case import Employee, Quarter
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.compare import Comparison

Dismissal = Literal["none", "N", "N+1", "2N"]
AwardTax = Literal["none", "separate", "merged", "lower"]
Bearer = Literal["employer", "person"]

BASIC_DEDUCTION = 6_000_000
"""What nobody is taxed on in a year, fen (Individual Income Tax Law art. 6)."""

ENTRIES = {
    "observation": Entry("flag"),
    "dismissal": Entry("word", ("none", "N", "N+1", "2N")),
    "replacement_wages": Entry("whole"),
    "replacement_yuan": Entry("money"),
    "award_tax": Entry("word", ("none", "separate", "merged", "lower")),
    "tax_deductions": Entry("money"),
    "employer_contributions": Entry("share"),
    "region": Entry("text"),
    "regions": Entry("text"),
    "local_average_wage": Entry("money"),
    "minimum_wage": Entry("money"),
    "source": Entry("text"),
}
"""The names of all assumptions, and what each holds."""
SWITCHES = (
    "observation",
    "dismissal",
    "replacement_wages",
    "replacement_yuan",
    "award_tax",
    "employer_contributions",
)
"""The assumptions that switch a component on; the others say how one is reckoned."""


@dataclass(frozen=True)
class Assumptions:
    """What is taken to hold; everything is off from the start. Make one with `of` or `from_file`, which check it.

    Attributes
    ----------
    observation : bool
        Whether a quarter under observation is paid three probation wages in place of three contract wages.
    dismissal : "none", "N", "N+1" or "2N"
        What is paid at a dismissal: severance; with a month's wage in place of notice; damages.
    replacement_wages : int or None
        What it takes to replace someone dismissed, in monthly contract wages.
    replacement_yuan : int or None
        The same as an amount, fen.
    award_tax : "none", "separate", "merged" or "lower"
        How a year-end award is taxed; "lower" takes the lower of the two for each person and year.
    tax_deductions : int
        What is free of tax in a year, fen, where the award is merged.
    employer_contributions : Fraction or None
        The employer's social insurance and housing fund as one ratio of what the bonuses come to for each person and
        year: payouts and cash effect together. A cash effect below 0 is a deduction from the year-end bonus and makes
        them less; they never come to less than 0.
    region : str or None
        Whose figures hold where the next two are left out.
    regions : str or None
        A file of regional figures, over the bundled ones.
    local_average_wage, minimum_wage : int or None
        Fen a month: cap and floor of the wage that counts for severance.
    source : str
        Where the figures come from, with a date.

    Examples
    --------
    >>> Assumptions.of(dismissal="N+1", local_average_wage=12_000).dismissal
    'N+1'
    """

    observation: bool = False
    dismissal: Dismissal = "none"
    replacement_wages: int | None = None
    replacement_yuan: int | None = None
    award_tax: AwardTax = "none"
    tax_deductions: int = BASIC_DEDUCTION
    employer_contributions: Fraction | None = None
    region: str | None = None
    regions: str | None = None
    local_average_wage: int | None = None
    minimum_wage: int | None = None
    source: str = ""

    @classmethod
    def of(cls, **values: object) -> Assumptions:
        """Make assumptions from values under their names, amounts in yuan.

        Raises
        ------
        CmpolicyError
            With every problem: an unknown name (the nearest is named), a value that is not valid, two ways to replace
            someone, a region without figures.
        """
        return cls.from_dict(values)

    @classmethod
    def from_file(cls, path: Path | str, **values: object) -> Assumptions:
        """Read a YAML file of assumptions, and set values under their names over it.

        Raises
        ------
        CmpolicyError
            As `of`, and if there is no such file or it is not YAML.
        """
        if not Path(path).is_file():
            raise CmpolicyError(Message("There is no file {path}.", path=path))
        content = load_yaml(Path(path))
        return cls.from_dict({**content, **values} if isinstance(content, Mapping) else content)

    @classmethod
    def from_dict(cls, content: object) -> Assumptions:
        """Make assumptions from a file's content; raises as `of`."""
        problems: list[Problem] = []
        read = read_section(content, ENTRIES, "assumptions", problems)
        if "replacement_wages" in read and "replacement_yuan" in read:
            problems.append(
                Problem(
                    Message("A replacement is given twice."),
                    expected=Message("either replacement_wages or replacement_yuan"),
                )
            )
        regions = read_regions(read.get("regions"))
        try:
            if "region" in read:
                find_region(read["region"], regions)
        except CmpolicyError as error:
            problems += error.problems
        if problems:
            raise CmpolicyError(Message("The assumptions cannot be used."), problems)
        return cls(**read)


class Item(NamedTuple):
    """One amount of one person: the component, the quarter or year (empty for all of them), fen, and how it came.

    `cliff` is the zone of a year-end award that leaves less than a smaller one would.
    """

    component: str
    staff_id: str
    period: str
    fen: int
    how: Message
    cliff: CliffZone | None = None


class NotComputed(NamedTuple):
    """A person for whom a component cannot be computed, and what is not known."""

    component: str
    staff_id: str
    period: str
    lacking: Message


class Component(NamedTuple):
    """What can be switched on.

    Attributes
    ----------
    title : Message
    borne_by : "employer" or "person"
    article : Message
        The clause of the regulation, then the law.
    mark : "V", "P", "U" or None
        How sure the source is; see `MARKS`. None for what no law sets.
    """

    title: Message
    borne_by: Bearer
    article: Message
    mark: Mark | None


COMPONENTS = {
    "observation": Component(Message("wages saved under observation"), "employer", Message("3.5; LCL 19, 35"), "V"),
    "dismissal": Component(
        Message("payment at dismissal"), "employer", Message("3.5; LCL 40, 46, 47, 87; IR 20, 27"), "V"
    ),
    "replacement": Component(Message("replacing people dismissed"), "employer", Message("3.5"), None),
    "award_tax": Component(Message("income tax on the year-end award"), "person", Message("3.2; 2023 No. 30"), "P"),
    "contributions": Component(
        Message("employer's insurance and housing fund on bonuses"),
        "employer",
        Message("3.2, R1; SIL 58, 60; 1990 wage composition rules 4, 7"),
        "V",
    ),
}
BORNE_BY = {"employer": Message("the employer"), "person": Message("the person")}


@dataclass(frozen=True)
class PeopleCost:
    """What `people_cost` found. Tables are in the language in use.

    Attributes
    ----------
    assumptions : Assumptions
    components : dict of Message
        The components that are switched on, each with what was taken to hold.
    items : tuple of Item
    not_computed : tuple of NotComputed
    """

    assumptions: Assumptions
    components: Mapping[str, Message]
    items: tuple[Item, ...]
    not_computed: tuple[NotComputed, ...]

    @cached_property
    def fen(self) -> dict[str, int]:
        """The sum of each component that is switched on, fen."""
        total = dict.fromkeys(self.components, 0)
        for item in self.items:
            total[item.component] += item.fen
        return total

    @property
    def table(self) -> pd.DataFrame:
        """One row a component: component, borne_by, yuan, people, not_computed, article, source, assumption."""
        import pandas as pd

        rows = []
        for name, assumption in self.components.items():
            about = COMPONENTS[name]
            source = Message("as assumed") if about.mark is None else MARKS[about.mark]
            law = (str(about.article), str(source), str(assumption))
            people = len({item.staff_id for item in self.items if item.component == name})
            missing = len({one.staff_id for one in self.not_computed if one.component == name})
            rows.append((name, about.borne_by, self.fen[name] / FEN_PER_YUAN, people, missing, *law))
        columns = ["component", "borne_by", "yuan", "people", "not_computed", "article", "source", "assumption"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def people(self) -> pd.DataFrame:
        """One row an amount of a person: component, staff_id, period, yuan, how."""
        import pandas as pd

        rows = [(*item[:3], item.fen / FEN_PER_YUAN, str(item.how)) for item in self.items]
        return pd.DataFrame(rows, columns=["component", "staff_id", "period", "yuan", "how"])

    @property
    def missing(self) -> pd.DataFrame:
        """For whom what cannot be computed: component, staff_id, period, lacking."""
        import pandas as pd

        rows = [(*one[:3], str(one.lacking)) for one in self.not_computed]
        return pd.DataFrame(rows, columns=["component", "staff_id", "period", "lacking"])

    @property
    def notes(self) -> list[Message]:
        """What to know of all of it."""
        notes = [Message("None of this is part of the cost of the bonuses. It is no legal and no tax advice.")]
        if not self.components:
            names = list_of(SWITCHES)
            notes.append(Message("Nothing is switched on. Each of these switches something on: {names}.", names=names))
        cliffs = sum(item.cliff is not None for item in self.items)
        if cliffs:
            notes.append(
                Message(
                    "Awards on a cliff of the separate tax, where a smaller one leaves more: {count}.", count=cliffs
                )
            )
        if self.not_computed:
            count = len({one.staff_id for one in self.not_computed})
            notes.append(
                Message(
                    "People for whom something cannot be computed: {count}. They are not counted as 0.", count=count
                )
            )
        return notes

    def __repr__(self) -> str:
        amounts = ", ".join(f"{name} {in_yuan(fen)}" for name, fen in self.fen.items())
        return f"<PeopleCost, yuan: {amounts or 'nothing is switched on'}>"


def people_cost(outcome: Outcome, assumptions: Assumptions | Mapping[str, object]) -> PeopleCost:
    """Cost what an outcome brings around the bonus, as far as it is switched on.

    Parameters
    ----------
    outcome
        Wages and days of hire come from its staff table.
    assumptions
        Or their values under their names.

    Raises
    ------
    CmpolicyError
        If the assumptions are not valid; with every problem.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> outcome = cm.appraise(cm.synthesize(staff=20, months=12, seed=1))
    >>> found = people_cost(outcome, {"employer_contributions": 0.3})
    >>> found.table[["component", "borne_by", "people"]].to_numpy().tolist()
    [['contributions', 'employer', 20]]
    """
    if not isinstance(assumptions, Assumptions):
        assumptions = Assumptions.from_dict(assumptions)
    case = Case(outcome.versions[-1].policy, outcome.data, outcome)
    components, items, missing = {}, list[Item](), list[NotComputed]()
    for name, (assumption, compute) in _switched_on(assumptions).items():
        components[name] = assumption
        for found in compute(case, assumptions):
            if isinstance(found, Item):
                items.append(found)
            else:
                missing.append(found)
    return PeopleCost(assumptions, components, tuple(items), tuple(missing))


def compare_people_cost(change: Comparison, assumptions: Assumptions | Mapping[str, object]) -> pd.DataFrame:
    """Cost both sides of a comparison around the bonus.

    Returns
    -------
    DataFrame
        One row a component: component, borne_by, baseline, reform, difference (yuan), not_computed (people of either
        side).

    Raises
    ------
    CmpolicyError
        If the assumptions are not valid; with every problem.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data, enacted = cm.synthesize(staff=20, months=12, seed=1), cm.load_policy("2007-06")
    >>> change = cm.compare(data, enacted, {"grades.A.quarterly_bonus": 3000})
    >>> list(compare_people_cost(change, {"employer_contributions": 0.3})["component"])
    ['contributions']
    """
    before, after = (people_cost(outcome, assumptions) for outcome in (change.baseline, change.reform))
    return difference_of(before, after)


def difference_of(before: PeopleCost, after: PeopleCost) -> pd.DataFrame:
    """Give the table of `compare_people_cost` for two sides that were costed under the same assumptions."""
    import pandas as pd

    rows = []
    for name in before.components:
        missing = {one.staff_id for side in (before, after) for one in side.not_computed if one.component == name}
        was, now = before.fen[name], after.fen[name]
        money = (fen / FEN_PER_YUAN for fen in (was, now, now - was))
        rows.append((name, COMPONENTS[name].borne_by, *money, len(missing)))
    return pd.DataFrame(rows, columns=["component", "borne_by", "baseline", "reform", "difference", "not_computed"])


# -- the components ------------------------------------------------------------

Compute = Callable[[Case, Assumptions], Iterator[Item | NotComputed]]


def _switched_on(assumptions: Assumptions) -> dict[str, tuple[Message, Compute]]:
    """Give what each component that is switched on takes to hold, and how it is computed."""
    found: dict[str, tuple[Message, Compute]] = {}
    if assumptions.observation:
        text = Message("three months at the probation wage; a saving only with the person's written consent")
        found["observation"] = (text, _observation)
    if assumptions.dismissal != "none":
        found["dismissal"] = (_dismissal_assumption(assumptions), _dismissal)
    if assumptions.replacement_wages is not None:
        text = Message("monthly contract wages for each: {count}", count=assumptions.replacement_wages)
        found["replacement"] = (text, _replacement)
    if assumptions.replacement_yuan is not None:
        text = Message("{amount} yuan for each", amount=in_yuan(assumptions.replacement_yuan))
        found["replacement"] = (text, _replacement)
    if assumptions.award_tax != "none":
        found["award_tax"] = (_tax_assumption(assumptions), _award_tax)
    if assumptions.employer_contributions is not None:
        share = f"{float(assumptions.employer_contributions):.2%}"
        text = Message(
            "{share} of payout and cash effect together, for each person and year and never below 0, so that a "
            "deduction lowers it; no floor and no cap of the base",
            share=share,
        )
        found["contributions"] = (text, _contributions)
    return found


def _observation(case: Case, _assumptions: Assumptions) -> Iterator[Item | NotComputed]:
    for quarter in case.observed:
        one = quarter.employee
        if one.contract_wage is None or one.probation_wage is None:
            lacking = Message("contract_wage or probation_wage")
            yield NotComputed("observation", one.staff_id, quarter.name, lacking)
            continue
        saved = max(one.contract_wage - one.probation_wage, 0)
        wages = {"contract": in_yuan(one.contract_wage), "probation": in_yuan(one.probation_wage)}
        how = Message("3 × ({contract} − {probation}) less", **wages)
        yield Item("observation", one.staff_id, quarter.name, -MONTHS_A_QUARTER * saved, how)


def _dismissal_assumption(assumptions: Assumptions) -> Message:
    region = _region_of(assumptions.region, assumptions.regions)
    figures = [
        (Message("local average wage"), assumptions.local_average_wage, "average_wage"),
        (Message("minimum wage"), assumptions.minimum_wage, "minimum_wage"),
    ]
    text = Message("{kind}, the contract wage in every month", kind=assumptions.dismissal)
    for name, given, kind in figures:
        if given is not None:
            part = Message("{name} {amount} yuan", name=name, amount=in_yuan(given))
        elif region is not None and kind in region.figures:
            part = Message("{name} of {region} at the day", name=name, region=region.name)
        else:
            part = Message("no {name} is given", name=name)
        text = Message("{first}; {second}", first=text, second=part)
    return text if not assumptions.source else Message("{first}; {second}", first=text, second=assumptions.source)


def _dismissal(case: Case, assumptions: Assumptions) -> Iterator[Item | NotComputed]:
    region = _region_of(assumptions.region, assumptions.regions)
    for quarter in case.dismissed:
        one = quarter.employee
        if one.hired is None or one.contract_wage is None:
            lacking = Message("hire_date or contract_wage")
            yield NotComputed("dismissal", one.staff_id, quarter.name, lacking)
            continue
        found = _severance(case, quarter, one, assumptions, region)
        fen = {"N": found.lawful, "N+1": found.with_pay_in_lieu, "2N": found.unlawful}[assumptions.dismissal]
        how = Message(
            "{kind}: N is {months} × {base}",
            kind=assumptions.dismissal,
            months=f"{found.half_months / 2:g}",
            base=in_yuan(round_half_up(found.base.numerator, found.base.denominator)),
        )
        yield Item("dismissal", one.staff_id, quarter.name, fen, how)


def _severance(
    case: Case, quarter: Quarter, one: Employee, assumptions: Assumptions, region: Region | None
) -> Severance:
    assert case.outcome is not None  # noqa: S101 - `people_cost` has one
    assert one.hired is not None  # noqa: S101 - asked by the caller
    assert one.contract_wage is not None  # noqa: S101 - as above
    return severance(
        half_months_of(one.hired, quarter.last),
        average_wage(case.outcome, quarter.person, quarter.place, one.contract_wage, one.hired),
        one.contract_wage,
        local_average_wage=_regional(assumptions.local_average_wage, region, "average_wage", quarter.last),
        minimum_wage=_regional(assumptions.minimum_wage, region, "minimum_wage", quarter.last),
    )


def _region_of(name: str | None, file: str | None) -> Region | None:
    regions = read_regions(file)
    return None if name is None else find_region(name, regions)


def _regional(given: int | None, region: Region | None, kind: str, day: datetime.date) -> int | None:
    """Give a figure: the assumption's own, else the region's on the day, else none."""
    figure = None if given is not None or region is None else region.on(kind, day)
    return given if figure is None else figure.values["yuan"]  # noqa: PD011 - of a figure's own numbers, no frame


def _replacement(case: Case, assumptions: Assumptions) -> Iterator[Item | NotComputed]:
    for quarter in case.dismissed:
        one = quarter.employee
        if assumptions.replacement_yuan is not None:
            how = Message("a fixed amount")
            yield Item("replacement", one.staff_id, quarter.name, assumptions.replacement_yuan, how)
        elif one.contract_wage is None:
            yield NotComputed("replacement", one.staff_id, quarter.name, Message("contract_wage"))
        else:
            wages = assumptions.replacement_wages or 0
            how = Message("{count} × {wage}", count=wages, wage=in_yuan(one.contract_wage))
            yield Item("replacement", one.staff_id, quarter.name, wages * one.contract_wage, how)


def _tax_assumption(assumptions: Assumptions) -> Message:
    other = Message("other year-end bonus as recorded, else 0")
    if assumptions.award_tax == "separate":
        return Message("taxed separately, until {day}; {other}", day=SEPARATE_UNTIL, other=other)
    free = in_yuan(assumptions.tax_deductions)
    if assumptions.award_tax == "merged":
        return Message(
            "merged with the contract wages of the months employed and the payouts, {free} free; {other}",
            free=free,
            other=other,
        )
    return Message(
        "the lower of taxed separately (until {day}) and merged ({free} free); {other}",
        day=SEPARATE_UNTIL,
        free=free,
        other=other,
    )


def _award_tax(case: Case, assumptions: Assumptions) -> Iterator[Item | NotComputed]:
    """Tax each person's award of a year: the cash effect of 3.2 and the other year-end bonus."""
    assert case.outcome is not None  # noqa: S101 - `people_cost` has one
    panel, arrays = case.outcome.panel, case.outcome.arrays
    award = np.where(case.outcome.year_rows, arrays.cash_effect + panel.other_year_end_bonus, 0)
    payouts, gone = _payouts_by_year(case.outcome), _gone_from(case.outcome)
    for year, person in zip(*(places.tolist() for places in np.nonzero(award > 0)), strict=True):
        one, amount, number = case.employees[person], int(award[year, person]), panel.first_year + year
        separate = separate_tax(amount) if number <= SEPARATE_UNTIL.year else None
        merged = None
        if one.contract_wage is not None:
            wages = _months_employed(one, number, int(gone[person])) * one.contract_wage
            merged = merged_tax(amount, wages + int(payouts[year, person]) - assumptions.tax_deductions)
        tax = {"separate": separate, "merged": merged}.get(assumptions.award_tax)
        if assumptions.award_tax == "lower" and merged is not None:
            tax = merged if separate is None else min(separate, merged)
        if tax is None:
            ended = separate is None and assumptions.award_tax == "separate"
            lacking = Message("separate tax ended on {day}", day=SEPARATE_UNTIL) if ended else Message("contract_wage")
            yield NotComputed("award_tax", one.staff_id, str(number), lacking)
        else:
            cliff = cliff_zone_of(amount) if tax == separate else None
            how = _tax_told(amount, separate, merged, cliff)
            yield Item("award_tax", one.staff_id, str(number), tax, how, cliff)


def _payouts_by_year(outcome: Outcome) -> NDArray[np.int64]:
    """(Y, n) the payouts of the quarters of each year, fen."""
    payouts = np.zeros(outcome.year_rows.shape, dtype=np.int64)
    for quarter, rows in enumerate(outcome.quarter_rows):
        payouts[outcome.panel.year_of(quarter)] += np.where(rows, outcome.arrays.payout[quarter], 0)
    return payouts


def _gone_from(outcome: Outcome) -> NDArray[np.int64]:
    """Give the month from which each person is dismissed, numbered 12 * year + month - 1; one beyond all otherwise."""
    due = outcome.arrays.dismissal_due
    first = np.where(due.any(axis=0), due.argmax(axis=0) + 1, outcome.panel.quarters + MONTHS_A_YEAR)
    return outcome.panel.first_month + MONTHS_A_QUARTER * first.astype(np.int64)


def _months_employed(one: Employee, year: int, gone_from: int) -> int:
    """Count the months of a year in which someone is employed; a month counts from the day of hire on."""
    first, end = MONTHS_A_YEAR * year, min(MONTHS_A_YEAR * (year + 1), gone_from)
    if one.hired is not None:
        first = max(first, MONTHS_A_YEAR * one.hired.year + one.hired.month - 1)
    if one.left is not None:
        end = min(end, MONTHS_A_YEAR * one.left.year + one.left.month)
    return max(end - first, 0)


def _tax_told(award: int, separate: int | None, merged: int | None, cliff: CliffZone | None) -> Message:
    """Say how an award is taxed, what the other way would be, and whether a smaller one would leave more."""
    separately, together = ("–" if tax is None else in_yuan(tax) for tax in (separate, merged))
    text = Message(
        "award {award}: separately {separate}, merged {merged}",
        award=in_yuan(award),
        separate=separately,
        merged=together,
    )
    if cliff is not None:
        bounds = {"after": in_yuan(cliff.after), "until": in_yuan(cliff.until)}
        told = Message("on a cliff: an award of {after} leaves more, only {until} as much", **bounds)
        text = Message("{first}; {second}", first=text, second=told)
    return text


def _contributions(case: Case, assumptions: Assumptions) -> Iterator[Item | NotComputed]:
    """Take the share of what each person's bonuses come to in a year, which a deduction at the year end makes less."""
    assert case.outcome is not None  # noqa: S101 - `people_cost` has one
    outcome, share = case.outcome, assumptions.employer_contributions or Fraction(0)
    effects = np.where(outcome.year_rows, outcome.arrays.cash_effect, 0)
    bonuses = (_payouts_by_year(outcome) + effects).T
    for person, year in zip(*(places.tolist() for places in np.nonzero(bonuses > 0)), strict=True):
        base, staff_id = int(bonuses[person, year]), str(outcome.panel.staff_ids[person])
        how = Message("{share} of {bonuses}", share=f"{float(share):.2%}", bonuses=in_yuan(base))
        fen = round_half_up(base * share.numerator, share.denominator)
        yield Item("contributions", staff_id, str(outcome.panel.first_year + year), fen, how)
