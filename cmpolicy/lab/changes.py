"""What differs between two policies, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import table
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import parameter_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cmpolicy.regulation.policy import Change


def changes_table(changes: Sequence[Change]) -> str:
    """Write each value that differs with its clause, its meaning, and what it was and is."""
    import pandas as pd

    rows = [(change.path, change.clause, _meaning(change.path), *map(_shown, change[2:])) for change in changes]
    return table(pd.DataFrame(rows, columns=["path", "clause", "meaning", "baseline", "reform"]), GRADE_HEADINGS)


def _meaning(path: str) -> str:
    room, _, name = path.partition(".")
    return reading_text(name).question if room == "readings" else str(parameter_of(path).title)


def _shown(value: object) -> str:
    return "–" if value is None else f"{value:f}" if not isinstance(value, str | int) else str(value)
