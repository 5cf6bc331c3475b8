"""What was typed, read: policies, changes, values to vary, limits; what cannot be understood is told, all at once."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError, PolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import ENACTED
from cmpolicy.regulation.yaml_files import load_yaml, parse_yaml

if TYPE_CHECKING:
    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.simulation.partitions import Map

MOST_VALUES = 100_000
_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})(?::(\d{1,9}))?")


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
    changes: dict[str, object] = {}
    problems = []
    for setting in settings or []:
        path, mark, text = setting.partition("=")
        if not mark or not path.strip() or not text.strip():
            problems.append(
                Problem(
                    Message("--set is not understood."),
                    value=setting,
                    expected=Message("PATH=VALUE, as grades.A.from=112"),
                )
            )
        else:
            try:
                changes[path.strip()] = parse_yaml(text)
            except PolicyError as error:
                problems += [replace(problem, value=setting) for problem in error.problems]
    if problems:
        raise PolicyError(Message("The changes cannot be used."), problems)
    return changes


def reform_of(baseline: Policy | PolicyBook, file: Path | None, changes: Mapping[str, object]) -> Policy | PolicyBook:
    """Give the policy to compare with: a file of changes or a whole policy, and `--set` on top."""
    if file is None and not changes:
        raise CmpolicyError(
            Message("There is nothing to compare with. Give --reform FILE, --set PATH=VALUE or --against DATA2.")
        )
    proposed = baseline
    if file is not None:
        if not file.is_file():
            raise PolicyError(Message("There is no file {path}.", path=file))
        content = load_yaml(file)
        if not isinstance(content, Mapping):
            problem = Problem(
                Message("This is not a list of changes."), expected=Message("lines such as grades.A.from: 112")
            )
            raise PolicyError(Message("The file {path} cannot be used.", path=file), [problem])
        whole = "effective_from" in content and "points" in content
        proposed = cm.load_policy(file) if whole else changed(baseline, content)
    return changed(proposed, changes)


def value_of(text: str) -> Any:
    """Read a value as it is written in a policy file."""
    return parse_yaml(text) if text.strip() else text


def grid_of(settings: list[str]) -> dict[str, list[object]]:
    """Read `--vary PATH=VALUES` options; values are written as in a policy file."""
    grid: dict[str, list[object]] = {}
    wanted = Message("PATH=VALUES, as grades.A.from=105..115, =2000..3000:100 or =1800,2000,2200, each path once")
    problems = []
    for setting in settings:
        path, mark, text = (part.strip() for part in setting.partition("="))
        numbers, values = _RANGE.fullmatch(text), list[object]()
        try:
            if numbers:
                first, last, step = int(numbers[1]), int(numbers[2]), int(numbers[3] or 1)
                # An empty or endless list says nothing of what was meant.
                values += range(first, last + 1, step) if step and 0 <= (last - first) // step < MOST_VALUES else ()
            else:
                values += [parse_yaml(one) for one in text.split(",") if one.strip()]
        except PolicyError as error:
            problems += [replace(problem, value=setting) for problem in error.problems]
            continue
        if not (mark and path and values) or path in grid:
            problems.append(Problem(Message("--vary is not understood."), value=setting, expected=wanted))
        grid[path] = values
    if problems:
        raise PolicyError(Message("The sweep cannot be made so."), problems)
    return grid


def targets_of(settings: list[str] | None) -> dict[str, list[str]]:
    """Read `--target FIGURE<=LIMIT` options."""
    targets: dict[str, list[str]] = {}
    for setting in settings or []:
        figure = re.split("[<>≤≥]", setting, maxsplit=1)[0]
        targets.setdefault(figure.strip(), []).append(setting[len(figure) :])
    return targets


def limits_of(settings: list[str] | None) -> dict[str, tuple[Any, ...]]:
    """Read `--limit PATH=LOW..HIGH` options."""
    limits = {}
    for setting in settings or []:
        path, _, text = setting.partition("=")
        limits[path.strip()] = tuple(value_of(part) for part in text.split(".."))
    return limits


@contextlib.contextmanager
def map_of(workers: int | None, scheduler: str | None) -> Iterator[Map]:
    """Give what runs tasks: this process, processes here, or those behind a scheduler."""
    if workers and scheduler:
        raise CmpolicyError(Message("Give either --workers or --scheduler, not both."))
    if not workers and not scheduler:
        yield map
        return
    with cm.Cluster(workers or 1, scheduler=scheduler) as cluster:
        yield cluster.map
