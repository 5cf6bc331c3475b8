"""Invented staff: records that look like a department's, for demonstrations, tests and measurements.

Nobody in them is real. A person has an ability that lasts; months, seasons, areas and chance do the rest. The knobs say
how much of each, in points of the month's score or in shares, so that an analyst can turn them without knowing how the
records are made.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import DataError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.probation import calendar_years
from cmpolicy.staff.cells import read_month, review_limit
from cmpolicy.staff.data import StaffData, Table, period_names
from cmpolicy.staff.schema import ABSENT_ADJUSTMENT, ABSENT_COUNT, ABSENT_MONEY, MOST_YUAN, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator
    from numpy.typing import NDArray

MOST_STAFF = 100_000_000
EARLIEST, LATEST = "1995-01", "2099-12"
"""The months that can be made; the longest-serving people joined some years before the first."""

_BLOCK = 65_536
_EPOCH = 1970 * 12

# Events a month of an average person in an average month. Gains and praises grow with ability, the others shrink.
_GAINS = {"broadband_gained": 2.0, "maintained_gained": 0.8}
_PRAISES = {"praises": 0.35}
_LOSSES = {"broadband_lost": 1.6, "maintained_lost": 0.7}
_INSTALLATION = {"installation_a": 0.16, "installation_b": 0.08, "installation_c": 0.10}
_FAILINGS = {
    "acceptance_a": 0.10,
    "acceptance_b": 0.06,
    "acceptance_c": 0.12,
    "fault_a": 0.22,
    "fault_b": 0.10,
    "fault_c": 0.12,
    "complaints": 0.20,
}
_UNREPORTED = 0.06
"""Share of complaints that were not reported in time, with serious consequences."""
_POINTS_OF_GAIN = 3.0
_POINTS_A_UNIT = 24.0
"""What a person's whole set of rates is worth: so many points of the month's score for a factor of e in the rates."""
_FACTOR_LIMIT = 1.5
_MOST_RATE = 50.0

# More users come when leases begin in autumn, fewer around the Spring Festival. January first; the mean is 0.
_SEASON = np.array([-0.15, -0.35, 0.05, 0.05, 0.0, 0.0, 0.05, 0.10, 0.35, 0.10, -0.05, -0.15])
_REVENUE_SEASON = 0.3
"""How much of the season reaches an area's revenue and its base."""

_SURNAMES = np.array(list("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹"))
# Pairs of one character each, of the four seasons' landscape.
_GIVEN = np.array([first + second for first in "春夏秋冬晓晚远清" for second in "山川云松竹雨"])


class _Range(NamedTuple):
    lowest: float
    highest: float


# The lowest shift leaves a little of the gains, which are worth 8.4 points.
_RANGES = {
    "joiners_a_year": _Range(0, 2),
    "leavers_a_year": _Range(0, 2),
    "missing_months": _Range(0, 0.95),
    "fraud": _Range(0, 1),
    "ability_spread": _Range(0, 30),
    "month_spread": _Range(0, 30),
    "service_shift": _Range(-8, 60),
    "season_strength": _Range(0, 2),
    "revenue_level": _Range(0, 10_000_000),
    "revenue_attainment": _Range(0, 5),
    "revenue_spread": _Range(0, 2),
    "revenue_growth": _Range(-0.5, 1),
    "review_share": _Range(0, 1),
    "review_mean": _Range(-3, 3),
    "review_spread": _Range(0, 10),
    "survey_share": _Range(0, 1),
    "satisfaction": _Range(0, 1),
}


@dataclass(frozen=True)
class SyntheticKnobs:
    """How synthetic staff come out.

    Parameters
    ----------
    joiners_a_year, leavers_a_year
        People who join or leave in a year, as a share of those at the start. Joiners take the posts of leavers first.
    missing_months
        Share of months without a row: not assessed.
    fraud
        Share of months with proven fraud.
    ability_spread
        Standard deviation between people of the lasting part of the month's score, points (about so).
    month_spread
        Standard deviation of what a person's month adds to that, beyond chance in the single events, points.
    service_shift
        Added to everyone's expected month score, points: more or fewer users gained.
    season_strength
        1 for the usual seasons of gains, installations and revenue, 0 for none.
    revenue_level
        An area's usual revenue base of a quarter, yuan, in the first year.
    revenue_attainment
        An area's usual revenue, as a share of its base.
    revenue_spread
        Standard deviation of that share from quarter to quarter.
    revenue_growth
        Growth of base and revenue from one calendar year to the next.
    review_share
        Share of quarters with a review under 2.9.
    review_mean, review_spread
        Mean and standard deviation of a reviewer's adjustment, points; it is rounded and kept within the limit.
    survey_share
        Share of quarters with a satisfaction survey under 2.10.
    satisfaction
        Share of customers that an average person satisfies.

    Raises
    ------
    DataError
        Naming every knob that is out of range.

    Examples
    --------
    >>> SyntheticKnobs(fraud=0.02).fraud
    0.02
    """

    joiners_a_year: float = 0.08
    leavers_a_year: float = 0.08
    missing_months: float = 0.01
    fraud: float = 0.001
    ability_spread: float = 5.5
    month_spread: float = 3.0
    service_shift: float = 0.0
    season_strength: float = 1.0
    revenue_level: float = 120_000.0
    revenue_attainment: float = 1.01
    revenue_spread: float = 0.05
    revenue_growth: float = 0.04
    review_share: float = 0.8
    review_mean: float = 0.2
    review_spread: float = 1.2
    survey_share: float = 0.9
    satisfaction: float = 0.93

    def __post_init__(self) -> None:
        problems = []
        for entry in fields(self):
            value, (lowest, highest) = getattr(self, entry.name), _RANGES[entry.name]
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if not number or not lowest <= value <= highest:
                problems.append(
                    Problem(
                        Message("The knob {name} cannot be set so.", name=entry.name),
                        value=str(value),
                        expected=Message("a number from {lowest} to {highest}", lowest=lowest, highest=highest),
                    )
                )
        if problems:
            raise DataError(Message("The knobs of synthetic staff cannot be used."), problems)


def synthesize(
    staff: int = 60,
    months: int = 36,
    seed: int = 0,
    first_month: str = "2023-01",
    knobs: SyntheticKnobs | None = None,
    *,
    first_number: int = 1,
) -> StaffData:
    """Make staff who never were.

    Parameters
    ----------
    staff
        Number of people, those who join or leave on the way included.
    months
        Number of months.
    seed
        The same seed gives the same data, and `source` says it.
    first_month
        As 2023-01.
    knobs
        How they come out; about the usual grades of the enacted regulation where it is left out.
    first_number
        Number of the first person, so that a part of a larger staff has people and areas of its own.

    Returns
    -------
    StaffData
        With all tables, as far as they have rows: a quarter has its figures when it is over, a year-end bonus when
        the year is.

    Raises
    ------
    DataError
        If a number or the month is out of range.

    Examples
    --------
    >>> data = synthesize(staff=4, months=3, seed=1)
    >>> data.staff_ids.tolist()
    ['CM000001', 'CM000002', 'CM000003', 'CM000004']
    >>> data.source
    'synthetic: 4 staff, 3 months from 2023-01, seed 1'
    """
    first = _check(staff, months, seed, first_month, first_number)
    knobs = SyntheticKnobs() if knobs is None else knobs
    rng = np.random.default_rng(seed)
    span = _Span(first, months)
    people = _people(rng, staff, span, knobs)
    tables = {
        "staff": _staff_table(rng, people, span, first_number),
        "months": _months_table(rng, people, span, knobs),
        "quarters": _quarters_table(rng, people, span, knobs),
        "surveys": _surveys_table(rng, people, span, knobs),
        "years": _years_table(rng, people, span),
    }
    last_number = first_number + staff - 1
    width = max(6, len(str(last_number)))
    begins = period_names(np.array([first]), "month")[0]
    return StaffData(
        _numbered("CM", first_number, staff, width),
        {name: tables[name] for name in TABLES if tables[name].length},
        source=f"synthetic: {staff} staff, {months} months from {begins}, seed {seed}",
    )


def synthesize_parts(
    partitions: int, staff: int = 60, months: int = 36, seed: int = 0, first_month: str = "2023-01"
) -> Iterator[StaffData]:
    """Make staff who never were in several parts, one at a time; each has people, areas and a seed of its own.

    Parameters
    ----------
    partitions
        Number of parts, at most that of people.
    staff, months, seed, first_month
        As of `synthesize`, for all together.

    Raises
    ------
    DataError
        If a number or the month is out of range.

    Examples
    --------
    >>> [part.staff_ids.tolist() for part in synthesize_parts(2, staff=3, months=3)]
    [['CM000001'], ['CM000002', 'CM000003']]
    """
    _check(staff, months, seed, first_month, 1)
    if isinstance(partitions, bool) or not isinstance(partitions, int) or not 1 <= partitions <= staff:
        wanted = Message("a whole number from {lowest} to {highest}", lowest=1, highest=staff)
        raise DataError(Message("Synthetic staff cannot be made so."), [_problem("partitions", partitions, wanted)])
    starts = [number * staff // partitions for number in range(partitions + 1)]
    seeds = [int(one.generate_state(1, np.uint64)[0] >> 1) for one in np.random.SeedSequence(seed).spawn(partitions)]
    for (start, stop), own_seed in zip(pairwise(starts), seeds, strict=True):
        yield synthesize(stop - start, months, own_seed, first_month, first_number=start + 1)


def _check(staff: object, months: object, seed: object, first_month: object, first_number: object) -> int:
    """Refuse what cannot be made; give the first month's number."""
    problems = []
    month = read_month(first_month) if isinstance(first_month, str) else None
    first = month.value if month is not None else None
    earliest, latest = (_month_number(name) for name in (EARLIEST, LATEST))
    if not isinstance(first, int) or not earliest <= first <= latest:
        wanted = Message("a month from {first} to {last}", first=EARLIEST, last=LATEST)
        problems.append(_problem("first_month", first_month, wanted))
        first = earliest
    limits = {
        "staff": (staff, 1, MOST_STAFF),
        "months": (months, 1, latest - first + 1),
        "seed": (seed, 0, 2**63 - 1),
        "first_number": (first_number, 1, MOST_STAFF),
    }
    for name, (value, lowest, highest) in limits.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not lowest <= int(value) <= highest:  # type: ignore[call-overload]  # checked on the left
            wanted = Message("a whole number from {lowest} to {highest}", lowest=lowest, highest=highest)
            problems.append(_problem(name, value, wanted))
    if problems:
        raise DataError(Message("Synthetic staff cannot be made so."), problems)
    return first


def _problem(name: str, value: object, wanted: Message) -> Problem:
    return Problem(Message("{name} cannot be set so.", name=name), value=str(value), expected=wanted)


def _month_number(name: str) -> int:
    return 12 * int(name[:4]) + int(name[5:]) - 1


class _Span(NamedTuple):
    """The months that are made: the first month's number and how many."""

    first: int
    months: int

    @property
    def last(self) -> int:
        return self.first + self.months - 1

    @property
    def first_day(self) -> np.datetime64:
        return _first_day(self.first)

    @property
    def last_day(self) -> np.datetime64:
        return _first_day(self.last + 1) - 1


def _first_day(month: int) -> np.datetime64:
    day: np.datetime64 = np.datetime64(month - _EPOCH, "M").astype("datetime64[D]")
    return day


class _People(NamedTuple):
    """Everyone's lasting traits: arrays of shape (n,); first and last are numbers of months within the span."""

    ability: NDArray[np.float64]
    area: NDArray[np.int32]
    hired: NDArray[np.datetime64]
    left: NDArray[np.datetime64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def _people(rng: Generator, staff: int, span: _Span, knobs: SyntheticKnobs) -> _People:
    """Fill posts, two to an area; let people leave, and others join: into their posts first, then into new ones."""
    years = span.months / 12
    posts = max(1, round(staff / (1 + knobs.joiners_a_year * years)))
    joiners = staff - posts
    leavers = min(posts, round(posts * knobs.leavers_a_year * years))
    replaced = min(joiners, leavers)

    post = np.arange(staff)
    leaving = rng.permutation(posts)[:leavers]
    post[posts : posts + replaced] = leaving[:replaced]
    post[posts + replaced :] = np.arange(posts, staff - replaced)

    hired = np.empty(staff, dtype="datetime64[D]")
    served = np.minimum(rng.exponential(1600, posts), 4800).astype(np.int64) + 5
    hired[:posts] = span.first_day - served
    months = rng.integers(min(1, span.months - 1), span.months, joiners) + span.first - _EPOCH
    hired[posts:] = np.sort(months.astype("datetime64[M]").astype("datetime64[D]") + rng.integers(0, 10, joiners))

    left = np.full(staff, np.datetime64("NaT"), dtype="datetime64[D]")
    days = int((span.last_day - span.first_day).astype(np.int64)) + 1
    left[leaving] = span.first_day + rng.integers(0, days, leavers)
    successors = hired[posts : posts + replaced]
    left[leaving[:replaced]] = np.maximum(successors - rng.integers(1, 46, replaced), span.first_day)

    first, last = np.zeros(staff, dtype=np.int64), np.full(staff, span.months - 1)
    first[posts:] = _months_of(hired[posts:]) - span.first
    last[leaving] = _months_of(left[leaving]) - span.first
    return _People(rng.standard_normal(staff), (post // 2).astype(np.int32), hired, left, first, last)


def _months_of(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return days.astype("datetime64[M]").astype(np.int64) + _EPOCH


def _staff_table(rng: Generator, people: _People, span: _Span, first_number: int) -> Table:
    staff = len(people.ability)
    names, name = np.unique(rng.integers(0, len(_SURNAMES) * len(_GIVEN), staff), return_inverse=True)
    texts = np.strings.add(_SURNAMES[names // len(_GIVEN)], _GIVEN[names % len(_GIVEN)]).astype(object)
    areas = int(people.area.max()) + 1

    contract = rng.choice(np.array([36, 24, 12, ABSENT_COUNT], dtype=np.int8), staff, p=[0.6, 0.2, 0.1, 0.1])
    years_served = (span.last_day - people.hired).astype(np.int64) // 365
    wage = 100 * (42 + rng.integers(0, 9, staff) + np.minimum(years_served, 12))
    probation_wage = 10 * np.ceil(wage * rng.uniform(0.8, 0.95, staff) / 10).astype(np.int64)
    known = np.isin(people.hired.astype("datetime64[Y]").astype(np.int64) + 1970, np.array(calendar_years()))
    columns = {
        "staff_id": np.arange(staff, dtype=np.int32),
        "name": name.astype(np.int32),
        "area": people.area,
        "hire_date": people.hired,
        "leave_date": people.left,
        "contract_months": contract,
        "contract_wage": wage * FEN_PER_YUAN,
        # The first month's pay needs the working days of that year.
        "probation_wage": np.where(known, probation_wage * FEN_PER_YUAN, ABSENT_MONEY),
        "confirmed_on": _confirmed(rng, people, span),
        "festival_allowance": rng.choice(np.array([400, 600, 800]), staff) * FEN_PER_YUAN,
    }
    labels = {"name": texts, "area": _numbered("片区", first_number, areas, max(3, len(str(first_number + areas - 1))))}
    return _table(columns, labels)


def _confirmed(rng: Generator, people: _People, span: _Span) -> NDArray[np.datetime64]:
    """Confirm people three months after hire, sometimes a month earlier or later; not those who were gone by then."""
    months = rng.choice(np.array([2, 3, 4]), len(people.hired), p=[0.10, 0.84, 0.06])
    hired = people.hired.astype("datetime64[M]")
    day = (people.hired - hired.astype("datetime64[D]")).astype(np.int64)
    month = hired + months
    longest = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64) - 1
    confirmed = month.astype("datetime64[D]") + np.minimum(day, longest)
    # A comparison with no leave date is false.
    return np.where((confirmed > span.last_day) | (confirmed > people.left), np.datetime64("NaT"), confirmed)


def _months_table(rng: Generator, people: _People, span: _Span, knobs: SyntheticKnobs) -> Table:
    """Draw every month's events, a block of people at a time so that memory stays flat."""
    staff = len(people.ability)
    month = np.arange(span.months)
    present = (month >= people.first[:, np.newaxis]) & (month <= people.last[:, np.newaxis])
    missing = rng.random(present.shape, dtype=np.float32) < knobs.missing_months
    missing[0, 0] = False  # one row at least; the first person is there from the start
    present &= ~missing
    length = int(present.sum())

    season = 1 + knobs.season_strength * _SEASON[(span.first + month) % 12]
    # What all share in a month: weather, a campaign, a competitor's offer.
    mood = rng.normal(0, 0.4 * knobs.month_spread, span.months) / _POINTS_A_UNIT
    shift = 1 + knobs.service_shift / _POINTS_OF_GAIN / sum(_GAINS.values())
    spread = (knobs.ability_spread / _POINTS_A_UNIT, knobs.month_spread / _POINTS_A_UNIT)

    names = [field.name for field in TABLES["months"].fields if field.kind == "count"]
    columns: dict[str, NDArray[Any]] = {
        "staff_id": np.empty(length, dtype=np.int32),
        "month": np.empty(length, dtype=np.int32),
        **{name: np.empty(length, dtype=np.int8) for name in names},
        "fraud": np.empty(length, dtype=np.bool_),
    }
    start = 0
    for block in range(0, staff, _BLOCK):
        person, of_span = np.nonzero(present[block : block + _BLOCK])
        person += block
        rows = slice(start, start + len(person))
        start = rows.stop
        columns["staff_id"][rows] = person
        columns["month"][rows] = of_span + span.first
        luck = rng.standard_normal(len(person))
        factor = spread[0] * people.ability[person] + spread[1] * luck + mood[of_span]
        for name, events in _events(rng, np.clip(factor, -_FACTOR_LIMIT, _FACTOR_LIMIT), season[of_span], shift):
            columns[name][rows] = events
        columns["fraud"][rows] = rng.random(len(person)) < knobs.fraud
    return _table(columns)


def _events(
    rng: Generator, factor: NDArray[np.float64], season: NDArray[np.float64], shift: float
) -> Iterator[tuple[str, NDArray[np.int8]]]:
    """Draw the counts of people's months, one column after the other.

    Parameters
    ----------
    rng
    factor : (rows,) float
        How much better than average the person's month is, in units of `_POINTS_A_UNIT`.
    season : (rows,) float
        Users and installations of the month, as a share of an average month's.
    shift
        The same for what everyone gains in every month.
    """
    better = np.exp(factor)
    worse = 1 / better
    for rates, level in (
        (_GAINS, better * season * shift),
        (_PRAISES, better),
        (_LOSSES, worse),
        (_INSTALLATION, worse**3 * season),
        (_FAILINGS, worse**3),
    ):
        for name, rate in rates.items():
            drawn = rng.poisson(np.minimum(rate * level, _MOST_RATE))
            events = np.minimum(drawn, np.iinfo(np.int8).max).astype(np.int8)
            yield name, events
            if name == "complaints":
                unreported = np.zeros(len(factor), dtype=np.int8)
                unreported[events > 0] = rng.binomial(events[events > 0], _UNREPORTED)
                yield "unreported_complaints", unreported


def _quarters_of(people: _People, span: _Span) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Give a row for each person and quarter of employment, for the quarters that end within the span."""
    quarter = np.arange(span.first // 3, (span.last + 1) // 3)
    first, last = ((span.first + month[:, np.newaxis]) // 3 for month in (people.first, people.last))
    person, place = np.nonzero((quarter >= first) & (quarter <= last))
    return person, quarter[place]


def _quarters_table(rng: Generator, people: _People, span: _Span, knobs: SyntheticKnobs) -> Table:
    """Draw reviews by ability and chance, and take revenue and base from the area."""
    person, quarter = _quarters_of(people, span)
    limit = review_limit()

    def adjustment() -> NDArray[np.int16]:
        wish = 0.6 * people.ability[person] + 0.8 * rng.standard_normal(len(person))
        points = np.clip(knobs.review_mean + knobs.review_spread * wish, -limit, limit)
        return np.rint(points).astype(np.int16)

    supervisor, manager = adjustment(), adjustment()
    joint = np.rint((supervisor + manager) / 2).astype(np.int16)
    reviewed = rng.random(len(person)) < knobs.review_share
    absent = np.int16(ABSENT_ADJUSTMENT)
    revenue, base = _revenue(rng, people, span, knobs)
    of_area = (people.area[person], quarter - span.first // 3)
    return _table(
        {
            "staff_id": person.astype(np.int32),
            "quarter": quarter.astype(np.int32),
            "review": np.where(reviewed, joint, absent),
            "review_supervisor": np.where(reviewed, supervisor, absent),
            "review_manager": np.where(reviewed, manager, absent),
            "revenue": revenue[of_area],
            "revenue_base": base[of_area],
        }
    )


def _revenue(
    rng: Generator, people: _People, span: _Span, knobs: SyntheticKnobs
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give every area's revenue and base of every quarter, (areas, quarters) in fen; its managers share them."""
    members = np.bincount(people.area)
    ability = np.bincount(people.area, weights=people.ability) / members
    quarter = np.arange(span.first // 3, (span.last + 1) // 3)
    season = 1 + _REVENUE_SEASON * knobs.season_strength * _SEASON.reshape(4, 3).mean(axis=1)[quarter % 4]
    growth = (1 + knobs.revenue_growth) ** (quarter // 4 - span.first // 12)
    size = np.exp(rng.normal(0, 0.25, len(members)))
    base = np.rint(knobs.revenue_level * size[:, np.newaxis] * season * growth / 100) * 100
    chance = 0.4 * ability[:, np.newaxis] + rng.normal(0, 0.9, base.shape)
    revenue = base * np.maximum(knobs.revenue_attainment + knobs.revenue_spread * chance, 0)
    return _fen(revenue), _fen(base)


def _fen(yuan: NDArray[np.float64]) -> NDArray[np.int64]:
    fen: NDArray[np.int64] = np.rint(np.minimum(yuan, MOST_YUAN) * FEN_PER_YUAN).astype(np.int64)
    return fen


def _surveys_table(rng: Generator, people: _People, span: _Span, knobs: SyntheticKnobs) -> Table:
    """Draw a survey in most quarters, in a month of employment."""
    person, quarter = _quarters_of(people, span)
    visited = rng.random(len(person)) < knobs.survey_share
    person, start = person[visited], 3 * quarter[visited] - span.first
    earliest, latest = np.maximum(people.first[person], start), np.minimum(people.last[person], start + 2)
    sampled = rng.integers(10, 41, len(person))
    pleased = np.clip(knobs.satisfaction + 0.02 * people.ability[person], 0, 1)
    return _table(
        {
            "staff_id": person.astype(np.int32),
            "month": (span.first + rng.integers(earliest, latest + 1)).astype(np.int32),
            "sampled": sampled.astype(np.int8),
            "satisfied": rng.binomial(sampled, pleased).astype(np.int8),
        }
    )


def _years_table(rng: Generator, people: _People, span: _Span) -> Table:
    """Give everyone who is there at a year's end a bonus that depends on nothing else in the regulation."""
    first = span.first // 12
    years = (span.last + 1) // 12 - first
    december = 12 * (first + np.arange(years)) + 11 - span.first
    person, year = np.nonzero((december >= people.first[:, np.newaxis]) & (december <= people.last[:, np.newaxis]))
    bonus = 100 * np.rint(np.maximum(30 + 4 * people.ability[person] + 8 * rng.standard_normal(len(person)), 0))
    return _table(
        {
            "staff_id": person.astype(np.int32),
            "year": (first + year).astype(np.int32),
            "other_year_end_bonus": bonus.astype(np.int64) * FEN_PER_YUAN,
        }
    )


def _table(columns: dict[str, NDArray[Any]], labels: dict[str, NDArray[Any]] | None = None) -> Table:
    length = len(columns["staff_id"])
    return Table(columns, length, np.arange(1, length + 1), labels or {})


def _numbered(start: str, first: int, count: int, width: int) -> NDArray[Any]:
    """Name things by number, as CM000001."""
    numbers = np.arange(first, first + count).astype(f"U{width}")
    return np.strings.add(start, np.strings.zfill(numbers, width)).astype(object)
