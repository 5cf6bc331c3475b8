"""A policy: one version of the regulation's values, checked as a whole and never changed in place."""

from __future__ import annotations

import bisect
import contextlib
import copy
import datetime
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from cmpolicy.errors import PolicyError, Problem, suggest
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.parameters import GRADE_PARAMETERS, PARAMETERS, Parameter
from cmpolicy.regulation.readings import READINGS, Readings
from cmpolicy.regulation.service import Points
from cmpolicy.regulation.yaml_files import load_yaml

FOLDER = Path(__file__).parent
ENACTED = "2007-06"
FEN_PER_YUAN = 100
MOST_GRADES = 20


class GradeRow(NamedTuple):
    """A grade with the lowest score that earns it (None: open below) and its money in yuan (3.1, 3.2)."""

    grade: str
    lower_bound: int | None
    quarterly_bonus: Decimal
    monthly_award: Decimal


class Review(NamedTuple):
    """2.9: the limit of the reviewers' adjustment, points."""

    limit: int


class Survey(NamedTuple):
    """2.10: the satisfied share that earns points, and the points."""

    threshold: Decimal
    points: int


class Revenue(NamedTuple):
    """R1: the share of the revenue above base, and one manager's share of that."""

    rate: Decimal
    manager_share: Decimal


class StandingRule(NamedTuple):
    """3.5: adjacent E quarters that bring observation."""

    e_quarters: int


class ProbationRule(NamedTuple):
    """P2, P(1)2, P(2): length in months, festival allowance's share, days of personal leave."""

    months: int
    festival_allowance_ratio: Decimal
    personal_leave_days: int


class Change(NamedTuple):
    """One value that differs between two policies."""

    path: str
    clause: str
    before: object
    after: object


@dataclass(frozen=True)
class Policy:
    """One version of the regulation's values. Make one with `load_policy`, change it with `with_changes`.

    Attributes
    ----------
    id : str
    effective_from : datetime.date
        The first day on which it is in force.
    grades : tuple of GradeRow
        Best grade first; the last one is open below.
    points : Points
        Points of clauses 2.1-2.8, integers.
    review, survey, revenue, standing, probation
        The values of clauses 2.9, 2.10, R1, 3.5 and P.
    readings : Readings
        The option chosen for each unclear place.

    Examples
    --------
    >>> policy = load_policy("2007-06")
    >>> policy.with_changes({"grades.A.from": 112}).bounds
    (112, 100, 95, 90)
    >>> policy.bounds
    (110, 100, 95, 90)
    """

    id: str
    effective_from: datetime.date
    grades: tuple[GradeRow, ...]
    points: Points
    review: Review
    survey: Survey
    revenue: Revenue
    standing: StandingRule
    probation: ProbationRule
    readings: Readings = field(default_factory=Readings)

    @classmethod
    def from_dict(cls, content: object, *, source: str = "policy") -> Policy:
        """Make a policy from the content of a policy file.

        Parameters
        ----------
        content
            Mapping with the layout of the bundled `2007-06.yaml`. Readings that are left out take their default.
        source
            What to call it in an error.

        Raises
        ------
        PolicyError
            With every problem: unknown or missing values, wrong types or limits, a grade table that is not in order.
        """
        reader = _Reader(content)
        policy = reader.policy()
        if policy is None or reader.problems:
            raise PolicyError(Message("The policy {source} is not valid.", source=source), reader.problems)
        return policy

    def to_dict(self) -> dict[str, Any]:
        """Give the content of a policy file, with plain integers and `Decimal`."""
        grades = []
        for row in self.grades:
            bound = {} if row.lower_bound is None else {"from": row.lower_bound}
            money = {"quarterly_bonus": row.quarterly_bonus, "monthly_award": row.monthly_award}
            grades.append({"grade": row.grade} | bound | money)
        return {
            "id": self.id,
            "effective_from": self.effective_from,
            "grades": grades,
            "points": self.points._asdict(),
            "review": self.review._asdict(),
            "survey": self.survey._asdict(),
            "revenue": self.revenue._asdict(),
            "standing": self.standing._asdict(),
            "probation": self.probation._asdict(),
            "readings": {setting: option.name for setting, option in self.readings._asdict().items()},
        }

    def to_yaml(self) -> str:
        """Give the text of a policy file that `load_policy` reads back as this policy."""
        lines = []
        for name, value in self.to_dict().items():
            if name == "grades":
                lines.append("grades:")
                lines += [f"  - {_yaml_mapping(row)}" for row in value]
            elif isinstance(value, dict):
                lines.append(f"{name}:")
                lines += [f"  {key}: {entry}" for key, entry in value.items()]
            else:
                lines.append(f"{name}: {_yaml_scalar(value)}")
        return "\n".join(lines) + "\n"

    @cached_property
    def _values(self) -> dict[str, object]:
        """Every value under its path, in the order of the file."""
        values: dict[str, object] = {}
        content = self.to_dict()
        for row in content.pop("grades"):
            grade = row.pop("grade")
            values |= {f"grades.{grade}.{name}": value for name, value in row.items()}
        for room, entries in content.items():
            if isinstance(entries, dict):
                values |= {f"{room}.{name}": value for name, value in entries.items()}
        return values

    def paths(self) -> tuple[str, ...]:
        """List the paths of every value that can be set, in the order of the file."""
        return tuple(self._values)

    def get(self, path: str) -> object:
        """Look up a value by its path.

        Raises
        ------
        PolicyError
            For an unknown path; names the nearest one.

        Examples
        --------
        >>> load_policy("2007-06").get("grades.A.from")
        110
        """
        if path not in self._values:
            raise PolicyError(Message("The policy has no such value."), [self._unknown(path)])
        return self._values[path]

    def with_changes(self, changes: Mapping[str, object]) -> Policy:
        """Make a policy with some values changed; this one stays as it is.

        Parameters
        ----------
        changes
            New values under their paths, such as `{"grades.A.from": 112, "readings.user_count": "net"}`.
            The path `grades` replaces the whole grade table, `id` and `effective_from` name and date the version.

        Raises
        ------
        PolicyError
            With every problem: unknown paths (the nearest is named), values that are not valid, a table out of order.

        Examples
        --------
        >>> reform = load_policy("2007-06").with_changes({"grades.A.quarterly_bonus": 3000})
        >>> reform.get("grades.A.quarterly_bonus")
        Decimal('3000')
        """
        # A copy, since the paths below may change single rows of a table that is the caller's.
        content = self.to_dict() | copy.deepcopy(
            {path: changes[path] for path in ("id", "effective_from", "grades") if path in changes}
        )
        rows = content["grades"] if isinstance(content["grades"], Sequence) else []
        names = {str(row.get("grade")): row for row in rows if isinstance(row, dict)}
        unknown = []
        for path, value in changes.items():
            room, _, name = str(path).partition(".")
            grade, _, column = name.partition(".")
            if room == "grades" and grade in names and column in GRADE_PARAMETERS:
                names[grade][column] = value
            elif path in self._values and room != "grades":
                content[room][name] = value
            elif path not in ("id", "effective_from", "grades"):
                unknown.append(self._unknown(str(path)))
        if unknown:
            reader = _Reader(content)
            reader.policy()
            raise PolicyError(Message("The policy has no such value."), [*unknown, *reader.problems])
        return Policy.from_dict(content, source=self.id)

    def diff(self, other: Policy) -> list[Change]:
        """List what differs in another policy; a value that one of them lacks is None there.

        Examples
        --------
        >>> policy = load_policy("2007-06")
        >>> policy.diff(policy.with_changes({"review.limit": 2}))
        [Change(path='review.limit', clause='2.9', before=3, after=2)]
        """
        paths = dict.fromkeys((*self._values, *other._values))
        pairs = ((path, self._values.get(path), other._values.get(path)) for path in paths)
        return [Change(path, clause_of(path), before, after) for path, before, after in pairs if before != after]

    @cached_property
    def warnings(self) -> tuple[Message, ...]:
        """What is allowed but odd: a worse grade that is paid more than a better one."""
        found = []
        for better, worse in pairwise(self.grades):
            for column in ("quarterly_bonus", "monthly_award"):
                more, less = getattr(worse, column), getattr(better, column)
                if more > less:
                    names = {"worse": worse.grade, "better": better.grade, "column": column}
                    message = Message(
                        "Grade {worse} is paid more than grade {better}: grades.{worse}.{column} is {more}, "
                        "grades.{better}.{column} is {less}.",
                        **names,
                        more=more,
                        less=less,
                    )
                    found.append(message)
        return tuple(found)

    @cached_property
    def grade_names(self) -> tuple[str, ...]:
        """Names of the grades, best first."""
        return tuple(row.grade for row in self.grades)

    @cached_property
    def bounds(self) -> tuple[int, ...]:
        """Lowest scores of all grades but the last, points, falling."""
        return tuple(row.lower_bound for row in self.grades if row.lower_bound is not None)

    @cached_property
    def quarterly_bonus_fen(self) -> tuple[int, ...]:
        """Quarterly service bonus of each grade, fen."""
        return tuple(int(row.quarterly_bonus * FEN_PER_YUAN) for row in self.grades)

    @cached_property
    def monthly_award_fen(self) -> tuple[int, ...]:
        """Monthly award of each grade, fen."""
        return tuple(int(row.monthly_award * FEN_PER_YUAN) for row in self.grades)

    @cached_property
    def revenue_ratio(self) -> tuple[int, int]:
        """Rate times manager's share, as an exact numerator and denominator."""
        return (Fraction(self.revenue.rate) * Fraction(self.revenue.manager_share)).as_integer_ratio()

    @cached_property
    def survey_ratio(self) -> tuple[int, int]:
        """The survey's threshold, as an exact numerator and denominator."""
        return self.survey.threshold.as_integer_ratio()

    def _unknown(self, path: str) -> Problem:
        return _unknown_path(path, self._values)


class PolicyBook:
    """Dated versions of the regulation. A quarter follows the version in force on its first day.

    Parameters
    ----------
    policies
        The versions, in any order.

    Raises
    ------
    PolicyError
        If there is none, or two begin on one day.

    Examples
    --------
    >>> enacted = load_policy("2007-06")
    >>> reform = enacted.with_changes({"id": "2026-01", "effective_from": "2026-01-01", "grades.A.from": 112})
    >>> PolicyBook([reform, enacted]).in_force(datetime.date(2025, 12, 31)).id
    '2007-06'
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.policies = tuple(sorted(policies, key=lambda policy: policy.effective_from))
        self._starts = [policy.effective_from for policy in self.policies]
        if not self.policies:
            raise PolicyError(Message("A book of policies needs at least one version."))
        for earlier, later in zip(self.policies, self.policies[1:], strict=False):
            if earlier.effective_from == later.effective_from:
                raise PolicyError(
                    Message(
                        "Two versions of the policy, {first} and {second}, begin on the same day, {day}.",
                        first=earlier.id,
                        second=later.id,
                        day=earlier.effective_from,
                    )
                )

    def in_force(self, day: datetime.date) -> Policy:
        """Give the version in force on a day.

        Raises
        ------
        PolicyError
            If the day is before the first version.
        """
        place = bisect.bisect_right(self._starts, day)
        if place == 0:
            raise PolicyError(
                Message(
                    "No version of the policy is in force on {day}; the first, {id}, begins on {start}.",
                    day=day,
                    id=self.policies[0].id,
                    start=self._starts[0],
                )
            )
        return self.policies[place - 1]

    def __repr__(self) -> str:
        versions = ", ".join(f"{policy.id} from {policy.effective_from}" for policy in self.policies)
        return f"PolicyBook({versions})"


def load_policy(name: str | Path) -> Policy:
    """Load a policy: a bundled one by its id, or a file by its path.

    Parameters
    ----------
    name
        A bundled id such as "2007-06", or the path of a YAML file with the same layout.

    Raises
    ------
    PolicyError
        If there is no such policy, or it is not valid; with every problem.

    Examples
    --------
    >>> load_policy("2007-06").grade_names
    ('A', 'B', 'C', 'D', 'E')
    """
    bundled = [file.stem for file in FOLDER.glob("[0-9]*.yaml")]
    if name in bundled:
        return _bundled(str(name))
    path = Path(name)
    if not path.is_file():
        nearest = suggest(str(name), bundled)
        raise PolicyError(
            Message(
                "There is no policy {name}: neither a bundled one nor a file. Bundled: {bundled}.",
                name=name,
                bundled=list_of(sorted(bundled)),
            ),
            [Problem(Message("Did you mean {nearest}?", nearest=nearest))] if nearest else [],
        )
    return Policy.from_dict(load_yaml(path), source=str(name))


def read_reform(content: object, baseline: Policy | PolicyBook, *, source: str = "reform") -> Policy:
    """Make a policy from a file's content: a whole policy, or changes to a baseline under their paths.

    Raises
    ------
    PolicyError
        If it is neither, or not valid; with every problem. For changes to a book of versions.

    Examples
    --------
    >>> read_reform({"grades.A.from": 112}, load_policy("2007-06")).bounds
    (112, 100, 95, 90)
    """
    if not isinstance(content, Mapping):
        problem = Problem(
            Message("This is not a list of changes."), expected=Message("lines such as grades.A.from: 112")
        )
        raise PolicyError(Message("The file {path} cannot be used.", path=source), [problem])
    if {"effective_from", "points"} <= content.keys():
        return Policy.from_dict(content, source=source)
    if isinstance(baseline, PolicyBook):
        raise PolicyError(Message("Changes apply to one policy; for a book of versions give another book."))
    problems = _nested(content, baseline)
    if problems:
        raise PolicyError(Message("The file {path} cannot be used.", path=source), problems)
    return baseline.with_changes(content)


def _nested(content: Mapping[Any, object], baseline: Policy) -> list[Problem]:
    """Tell of changes that are nested, as values are in a whole policy, and how the first of each would be written."""
    known = baseline.paths()
    return [
        Problem(
            Message("Values are nested below {name}; each needs a line of its own.", name=name),
            expected=Message(
                "the whole path and the value, as {example}", example=_first_line(str(name), value, known)
            ),
        )
        for name, value in content.items()
        if isinstance(value, Mapping) and any(path.startswith(f"{name}.") for path in known)
    ]


def _first_line(path: str, value: object, known: Collection[str]) -> str:
    """Write the first value of nested ones as a change under its path."""
    while isinstance(value, Mapping) and value:
        key, value = next(iter(value.items()))
        path = f"{path}.{key}"
    return f"{path}: {value}" if path in known else "grades.A.from: 112"


@cache
def _bundled(name: str) -> Policy:
    """Load a bundled policy once: it cannot change."""
    return Policy.from_dict(load_yaml(FOLDER / f"{name}.yaml"), source=name)


def clause_of(path: str) -> str:
    """Give the clause that sets a value.

    Examples
    --------
    >>> clause_of("grades.A.from"), clause_of("revenue.rate"), clause_of("readings.user_count")
    ('3.1', 'R1', '2.2, 2.3')
    """
    room, _, name = path.partition(".")
    if room == "readings":
        return ", ".join(reading_text(name).clauses)
    return parameter_of(path).clause


def parameter_of(path: str) -> Parameter:
    """Give the parameter behind the path of a value that is not a reading."""
    room, _, name = path.partition(".")
    return GRADE_PARAMETERS[name.partition(".")[2]] if room == "grades" else PARAMETERS[path]


def _unknown_path(path: str, known: Mapping[str, object]) -> Problem:
    nearest = suggest(path, known)
    hint = Message("one of the policy's paths, such as {nearest}", nearest=nearest or "grades.A.from")
    return Problem(Message("There is no value {path} in the policy.", path=path), expected=hint)


def _yaml_scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)  # JSON text is YAML text


def _yaml_mapping(row: dict[str, object]) -> str:
    return "{" + ", ".join(f"{name}: {_yaml_scalar(value)}" for name, value in row.items()) + "}"


class _Reader:
    """Reads the content of a policy file and collects every problem on the way."""

    def __init__(self, content: object) -> None:
        self.problems: list[Problem] = []
        self.content = self._mapping(content, "policy") or {}

    def policy(self) -> Policy | None:
        rooms = dict.fromkeys(path.partition(".")[0] for path in PARAMETERS)
        known = ["id", "effective_from", "grades", *rooms, "readings"]
        self._report_unknown(self.content, known, "")
        values = {path: self._parameter(path) for path in PARAMETERS}
        identity, start = self._id(), self._effective_from()
        grades, readings = self._grades(), self._readings()
        if self.problems or start is None:
            return None

        def room(kind: Any, name: str) -> Any:
            return kind(**{entry: values[f"{name}.{entry}"] for entry in kind._fields})

        return Policy(
            identity,
            start,
            grades,
            room(Points, "points"),
            room(Review, "review"),
            room(Survey, "survey"),
            room(Revenue, "revenue"),
            room(StandingRule, "standing"),
            room(ProbationRule, "probation"),
            readings,
        )

    def _problem(self, path: str, value: object, expected: Message) -> None:
        text = None if value is None else str(value)
        message = Message("{path} has no value.", path=path) if value is None else _not_valid(path)
        self.problems.append(Problem(message, value=text, expected=expected))

    def _report_unknown(self, mapping: Mapping[str, object], known: Sequence[str], prefix: str) -> None:
        for name in mapping:
            if name not in known:
                self.problems.append(_unknown_path(f"{prefix}{name}", {f"{prefix}{entry}": 0 for entry in known}))

    def _mapping(self, value: object, path: str) -> Mapping[str, Any] | None:
        if isinstance(value, Mapping):
            return value
        self._problem(path, value, Message("a list of names with their values"))
        return None

    def _id(self) -> str:
        value = self.content.get("id")
        # YAML reads an id such as 2026 as a number
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            self._problem("id", value, Message("a name for this version"))
        return str(value)

    def _effective_from(self) -> datetime.date | None:
        value = self.content.get("effective_from")
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                value = datetime.date.fromisoformat(value)
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            self._problem("effective_from", value, Message("a date such as 2007-06-01"))
            return None
        return value

    def _parameter(self, path: str) -> int | Decimal | None:
        room, _, name = path.partition(".")
        entries = self.content.get(room)
        if not isinstance(entries, Mapping):
            if path == next(known for known in PARAMETERS if known.startswith(f"{room}.")):  # say it once a room
                self._mapping(entries, room)
            return None
        if name == next(known for known in PARAMETERS if known.startswith(f"{room}.")).partition(".")[2]:
            known = [path.partition(".")[2] for path in PARAMETERS if path.startswith(f"{room}.")]
            self._report_unknown(entries, known, f"{room}.")
        value = PARAMETERS[path].read(entries.get(name))
        if value is None:
            self._problem(path, entries.get(name), PARAMETERS[path].expected)
        return value

    def _grades(self) -> tuple[GradeRow, ...]:
        rows = self.content.get("grades")
        if not isinstance(rows, Sequence) or isinstance(rows, str) or not 2 <= len(rows) <= MOST_GRADES:
            self._problem("grades", rows, Message("a list of 2 to {most} grades, best first", most=MOST_GRADES))
            return ()
        grades = [self._grade(row, place, last=place == len(rows)) for place, row in enumerate(rows, start=1)]
        for earlier, later in pairwise(grades):
            if earlier is None or later is None or earlier.lower_bound is None or later.lower_bound is None:
                continue
            if later.lower_bound >= earlier.lower_bound:
                self._problem(
                    f"grades.{later.grade}.from",
                    later.lower_bound,
                    Message(
                        "a number below grades.{better}.from, which is {bound}: bounds fall from grade to grade",
                        better=earlier.grade,
                        bound=earlier.lower_bound,
                    ),
                )
        names = [row.grade for row in grades if row is not None]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            self._problem("grades", name, Message("each grade's name only once"))
        return tuple(row for row in grades if row is not None)

    def _grade(self, row: object, place: int, *, last: bool) -> GradeRow | None:
        entries = self._mapping(row, f"grades[{place}]")
        if entries is None:
            return None
        name = entries.get("grade")
        if not isinstance(name, str) or not name.strip() or "." in name or name != name.strip():
            self._problem(f"grades[{place}].grade", name, Message("a short name without a dot, such as A"))
            return None
        self._report_unknown(entries, ["grade", *GRADE_PARAMETERS], f"grades.{name}.")
        bound = entries.get("from")
        if last:
            if bound is not None:
                self._problem(f"grades.{name}.from", bound, Message("no bound: the last grade is open below"))
            lower_bound = None
        else:
            lower_bound = self._grade_value(name, "from", bound)
        bonus = self._grade_value(name, "quarterly_bonus", entries.get("quarterly_bonus"))
        award = self._grade_value(name, "monthly_award", entries.get("monthly_award"))
        if bonus is None or award is None or (lower_bound is None and not last):
            return None
        return GradeRow(name, None if lower_bound is None else int(lower_bound), Decimal(bonus), Decimal(award))

    def _grade_value(self, name: str, column: str, value: object) -> int | Decimal | None:
        parameter = GRADE_PARAMETERS[column]
        number = parameter.read(value)
        if number is None:
            self._problem(f"grades.{name}.{column}", value, parameter.expected)
        return number

    def _readings(self) -> Readings:
        entries = self.content.get("readings", {})
        mapping = self._mapping(entries, "readings") or {}
        self._report_unknown(mapping, list(READINGS), "readings.")
        chosen = {}
        for setting, options in READINGS.items():
            if setting not in mapping:
                continue
            value = mapping[setting]
            if not isinstance(value, str) or value not in options.__members__:
                names = list_of([*options.__members__])
                self._problem(f"readings.{setting}", value, Message("one of {options}", options=names))
            else:
                chosen[setting] = options[value]
        return Readings(**chosen)  # type: ignore[arg-type]  # each setting with an option of its own enumeration


def _not_valid(path: str) -> Message:
    return Message("{path} has a value that is not valid.", path=path)
