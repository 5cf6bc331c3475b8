"""The clauses' texts beside the rules: `@clause` marks the rule of a clause, the texts are in `clauses.yaml`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cmpolicy.errors import PolicyError, Problem, suggest
from cmpolicy.messages import Message, language
from cmpolicy.regulation.yaml_files import load_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER = Path(__file__).parent
Rule = TypeVar("Rule", bound="Callable[..., Any]")


def clause(number: str) -> Callable[[Rule], Rule]:
    """Mark a function as the rule of a clause; the function itself is left as it is.

    Examples
    --------
    >>> @clause("2.1")
    ... def start():
    ...     return 100
    >>> start.clause
    '2.1'
    """

    def mark(rule: Rule) -> Rule:
        rule.clause = number  # type: ignore[attr-defined]
        return rule

    return mark


@dataclass(frozen=True)
class ClauseText:
    """A clause in our own words, in one language.

    `source` is "enacted", "inferred" (its beginning is lost) or "second copy" (never to be shown as enacted).
    `standards` holds the standards A, B, C of 2.4-2.6.
    """

    number: str
    title: str
    text: str
    source: str
    standards: Mapping[str, str]


@dataclass(frozen=True)
class ReadingText:
    """An unclear place in one language: its question, what each option means, and why the first is the default."""

    id: str
    setting: str
    clauses: tuple[str, ...]
    question: str
    options: Mapping[str, str]
    ground: str


def clause_numbers() -> tuple[str, ...]:
    """List the clauses in the regulation's order."""
    return tuple(_clauses())


def clause_text(number: str, language_code: str | None = None) -> ClauseText:
    """Give a clause's title and paraphrase.

    Parameters
    ----------
    number
        Such as "3.3" or "P(1)1".
    language_code
        "zh" or "en"; the language in use where it is left out.

    Raises
    ------
    PolicyError
        For an unknown clause; names the nearest one.

    Examples
    --------
    >>> clause_text("3.3", "en").title
    'Quarter payout'
    """
    entry = _entry(_clauses(), number, Message("There is no clause {name}.", name=number))
    code = language_code or language()
    standards = {letter: texts[code] for letter, texts in entry.get("standards", {}).items()}
    return ClauseText(number, entry["title"][code], entry["text"][code], entry["source"], standards)


def reading_text(setting: str, language_code: str | None = None) -> ReadingText:
    """Give the question, options and ground of an unclear place.

    Raises
    ------
    PolicyError
        For an unknown setting; names the nearest one.

    Examples
    --------
    >>> reading_text("user_count", "en").id
    'A02'
    """
    entry = _entry(_readings(), setting, Message("There is no reading {name}.", name=setting))
    code = language_code or language()
    options = {option: texts[code] for option, texts in entry["options"].items()}
    clauses = tuple(entry["clauses"])
    return ReadingText(entry["id"], setting, clauses, entry["question"][code], options, entry["ground"][code])


def _entry(entries: dict[str, dict[str, Any]], name: str, unknown: Message) -> dict[str, Any]:
    if name not in entries:
        nearest = suggest(name, entries)
        raise PolicyError(unknown, [Problem(Message("Did you mean {nearest}?", nearest=nearest))] if nearest else [])
    return entries[name]


@functools.cache
def _clauses() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = load_yaml(FOLDER / "clauses.yaml")  # type: ignore[assignment]  # our own file
    return entries


@functools.cache
def _readings() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = load_yaml(FOLDER / "readings.yaml")  # type: ignore[assignment]  # our own file
    return entries
