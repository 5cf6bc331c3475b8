"""What was typed, read: policies, changes, values to vary, limits; what cannot be understood is told, all at once."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError, PolicyError, Problem, with_names
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import ENACTED, read_reform
from cmpolicy.regulation.yaml_files import load_yaml, parse_yaml

if TYPE_CHECKING:
    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.simulation.partition_tasks import Map

MOST_VALUES = 100_000
_RANGE = re.compile(r"(-?\d{1,18})\.\.(-?\d{1,18})(?::(-?\d{1,18}))?")


def policy_of(names: list[str] | None) -> Policy | PolicyBook:
    """Give the policy that is named, or the book of dated versions where there are several."""
    policies = [cm.load_policy(name) for name in names or [ENACTED]]
    return policies[0] if len(policies) == 1 else cm.PolicyBook(policies)


def changed(policy: Policy | PolicyBook, changes: Mapping[str, object]) -> Policy | PolicyBook:
    """Give a policy with changes; a book of versions takes none."""
    if not changes:
        return policy
    if isinstance(policy, cm.PolicyBook):
        raise PolicyError(Message("--set changes one policy; leave it out where --policy names several."))
    return policy.with_changes(changes)


def one_policy(names: list[str] | None, settings: list[str] | None) -> Policy:
    """Give the policy that is changed, which cannot be a book of versions."""
    chosen = changed(policy_of(names), changes_of(settings))
    if isinstance(chosen, cm.PolicyBook):
        raise PolicyError(Message("Changes apply to one policy; give --policy once."))
    return chosen


def changes_of(settings: list[str] | None) -> dict[str, object]:
    """Read `--set PATH=VALUE` options; a value is written as in a policy file."""
    problems: list[Problem] = []
    changes = named_values("--set", settings, parse_yaml, Message("PATH=VALUE, as grades.A.from=112"), problems)
    if problems:
        raise PolicyError(Message("The changes cannot be used."), problems)
    return changes


def named_values(
    option: str, settings: list[str] | None, read: Callable[[str], Any], expected: Message, problems: list[Problem]
) -> dict[str, Any]:
    """Read options NAME=VALUE, each name once; what is wrong joins the problems.

    `read` makes a value of its text; a ValueError says that the text is nothing of the kind.
    """
    values: dict[str, Any] = {}
    typed: dict[str, str] = {}
    for setting in settings or []:
        name, mark, text = (part.strip() for part in setting.partition("="))
        unclear = Problem(Message("{option} is not understood.", option=option), value=setting, expected=expected)
        if not (mark and name and text):
            problems.append(unclear)
        elif name in typed:
            twice = Message(
                "{option} gives {name} twice: {first} and {second}.",
                option=option,
                name=name,
                first=typed[name],
                second=text,
            )
            problems.append(Problem(twice, expected=Message("each name once")))
        else:
            typed[name] = text
            try:
                values[name] = read(text)
            except ValueError:
                problems.append(unclear)
            except PolicyError as error:
                problems += [replace(problem, value=setting) for problem in error.problems]
    return values


def reform_of(baseline: Policy | PolicyBook, file: Path | None, changes: Mapping[str, object]) -> Policy | PolicyBook:
    """Give the policy to compare with: a file of changes or a whole policy, and `--set` on top."""
    if file is None and not changes:
        raise CmpolicyError(
            Message("There is nothing to compare with. Give --reform FILE, --set PATH=VALUE or --against DATA2.")
        )
    if file is None:
        return changed(baseline, changes)
    if not file.is_file():
        raise PolicyError(Message("There is no file {path}.", path=file))
    return changed(read_reform(load_yaml(file), baseline, source=str(file)), changes)


def value_of(text: str) -> Any:
    """Read a value as it is written in a policy file."""
    return parse_yaml(text) if text.strip() else text


def grid_of(settings: list[str]) -> dict[str, list[object]]:
    """Read `--vary PATH=VALUES` options; values are written as in a policy file."""
    wanted = Message("PATH=VALUES, as grades.A.from=105..115, =2000..3000:100 or =1800,2000,2200")
    problems: list[Problem] = []
    grid = named_values("--vary", settings, _listed, wanted, problems)
    if problems:
        raise PolicyError(Message("The sweep cannot be made so."), problems)
    return grid


def refuse_set_and_varied(settings: list[str] | None, vary: list[str]) -> None:
    """Refuse to set a value that is varied: each scenario would have another in its place."""
    fixed = {setting.partition("=")[0].strip(): setting.strip() for setting in settings or []}
    problems = []
    for varied in vary:
        path = varied.partition("=")[0].strip()
        if path in fixed:
            both = Message(
                "--set {fixed} and --vary {varied} are of one path.", fixed=fixed[path], varied=varied.strip()
            )
            problems.append(Problem(both, expected=Message("each path set or varied, not both")))
    if problems:
        raise PolicyError(Message("The sweep cannot be made so."), problems)


def _listed(text: str) -> list[object]:
    """Read a range or a list of values."""
    numbers = _RANGE.fullmatch(text)
    if numbers is not None:
        return _range_of(int(numbers[1]), int(numbers[2]), int(numbers[3] or 1))
    values = [parse_yaml(one) for one in text.split(",") if one.strip()]
    if not values:
        raise ValueError(text)
    return values


def _range_of(first: int, last: int, step: int) -> list[object]:
    """Give the values of a range; say why it has none, or too many."""
    count = (last - first) // step + 1 if step > 0 else 0
    if step < 1:
        message = Message("The step of a range is a whole number above 0.")
        expected = Message("{name}", name=f"{first}..{last}:1")
    elif last < first:
        message = Message("The range ends below its start.")
        expected = Message("{name}", name=f"{last}..{first}" + (f":{step}" if step > 1 else ""))
    elif count > MOST_VALUES:
        message = Message("The range has too many values: {count}.", count=f"{count:,}")
        expected = Message("at most {most} values", most=f"{MOST_VALUES:,}")
    else:
        return [*range(first, last + 1, step)]
    raise PolicyError(message, [Problem(message, expected=expected)])


def targets_of(settings: list[str] | None) -> dict[str, list[str]]:
    """Read `--target FIGURE<=LIMIT` options."""
    targets: dict[str, list[str]] = {}
    for setting in settings or []:
        figure = re.split("[<>≤≥=]", setting, maxsplit=1)[0]
        targets.setdefault(figure.strip(), []).append(setting[len(figure) :])
    return targets


def limits_of(settings: list[str] | None) -> dict[str, tuple[Any, ...]]:
    """Read `--limit PATH=LOW..HIGH` options."""
    wanted = Message("PATH=LOW..HIGH, as grades.A.from=105..115")
    problems: list[Problem] = []
    limits = named_values("--limit", settings, _ends, wanted, problems)
    if problems:
        raise PolicyError(Message("This cannot be solved as it is asked."), problems)
    return limits


def _ends(text: str) -> tuple[Any, ...]:
    """Read the two ends of a range; what is not two is refused where all other problems are."""
    return tuple(value_of(part) for part in text.split(".."))


@contextlib.contextmanager
def as_typed(*options: str) -> Iterator[None]:
    """Name the options, as "--least-group", where an error names the settings behind them."""
    try:
        yield
    except cm.IncompleteError:  # of partitions, not of what was typed
        raise
    except CmpolicyError as error:
        raise with_names(error, {name.strip("-").replace("-", "_"): name for name in options}) from None


@contextlib.contextmanager
def map_of(workers: int | None, scheduler: str | None) -> Iterator[Map]:
    """Give what runs tasks: this process, processes here, or those behind a scheduler."""
    if workers and scheduler is not None:
        raise CmpolicyError(Message("Give either --workers or --scheduler, not both."))
    if not workers and scheduler is None:
        yield map
        return
    with cm.Cluster(workers or 1, scheduler=scheduler) as cluster:
        yield cluster.map
