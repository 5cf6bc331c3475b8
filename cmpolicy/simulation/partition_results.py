"""What came of all partitions: their figures, their totals, and the error that names those which cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cmpolicy.errors import DataError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.appraise import COST, summary_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.simulation.partition_tasks import Figures

    R = TypeVar("R")


class IncompleteError(DataError):
    """Some partitions cannot be used.

    Attributes
    ----------
    rest
        What the function would have given, of the other partitions only.
    """

    def __init__(self, message: Message, problems: Iterable[Problem], rest: Any) -> None:
        super().__init__(message, list(problems))
        self.rest = rest


@dataclass(frozen=True)
class PartitionTotals:
    """Totals of a staff in partitions.

    Attributes
    ----------
    policy : Policy or PolicyBook
    partitions : int
        How many were added up.
    figures : dict of int
        As `Outcome.figures` of all people at once: people, records, grades, standing, and cost in fen.
    notes : tuple of Message
    """

    policy: Policy | PolicyBook
    partitions: int
    figures: dict[str, int]
    notes: tuple[Message, ...]

    @property
    def cost(self) -> dict[str, int]:
        """Totals in fen by component."""
        return {name: self.figures[name] for name in COST}

    @property
    def standing_counts(self) -> dict[str, int]:
        """Staff-quarters under observation, people dismissed, and staff-quarters after a dismissal."""
        return {name: self.figures[name] for name in ("observed", "dismissed", "left")}

    def grade_counts(self, table: str) -> dict[str, int]:
        """Count the grades of "months" or "quarters"."""
        start = f"{table.removesuffix('s')}_grade_"
        return {name.removeprefix(start): count for name, count in self.figures.items() if name.startswith(start)}

    @property
    def summary(self) -> pd.DataFrame:
        """One row a figure, with the clause behind each, money in yuan."""
        return summary_of(self.figures)

    @property
    def row(self) -> pd.DataFrame:
        """The figures as one row, as `sweep` has one for each scenario, money in yuan."""
        import pandas as pd

        figures = {name: value / FEN_PER_YUAN if name in COST else value for name, value in self.figures.items()}
        return pd.DataFrame([figures])


class Every(NamedTuple):
    """What came of all partitions.

    Attributes
    ----------
    figures : list of dict of arrays
        Of each partition that can be used.
    partitions : int
        How many those are.
    notes : tuple of Message
    problems : tuple of Problem
        One for each partition that cannot be used.
    """

    figures: list[Figures]
    partitions: int
    notes: tuple[Message, ...]
    problems: tuple[Problem, ...]

    def whole(self, result: R) -> R:
        """Give back what was made of the figures, if they are those of all partitions.

        Raises
        ------
        IncompleteError
            If they are not; it has the result.
        """
        if self.problems:
            count, total = len(self.problems), len(self.problems) + self.partitions
            text = Message("{count} of {total} partitions cannot be used.", count=count, total=total)
            raise IncompleteError(text, self.problems, result)
        return result


class Sums(NamedTuple):
    """The figures of all partitions, added up, and what they were added up of."""

    figures: Figures
    every: Every
