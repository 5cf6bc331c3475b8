"""Where results go: tables and figures in files, never over the data that they come from."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.messages import Message, list_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from rich.console import Console

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.report.files import Format
    from cmpolicy.simulation.compare import Comparison

FORMATS = ("csv", "parquet", "xlsx")
OTHER_FILES = (".csv", ".parquet", ".xls", ".html", ".htm", ".pdf", ".png", ".svg")
"""How names of files end; a folder of such a name is nobody's wish."""


def format_of(out: Path | None, name: str | None, *, one_table: bool = False) -> Format:
    """Give the format that a name or the place to write asks for; refuse what does not fit.

    Where the result is one table, a CSV or Parquet file takes it too.
    """
    from cmpolicy.report.files import is_one_file

    of_file = out.suffix.lower()[1:] if out is not None and is_one_file(out, one_table=one_table) else None
    chosen: Any = name or of_file or "csv"
    if chosen not in FORMATS or (of_file and chosen != of_file):
        raise CmpolicyError(
            Message("The format {format} does not fit.", format=chosen),
            [Problem(Message("--format is one of csv, parquet and xlsx; of a file it is the end of its name."))],
        )
    if of_file is None:
        several = Message("a folder, which takes one file a table, or a file that ends in .xlsx")
        one = Message("a folder, or a file that ends in .csv, .parquet or .xlsx")
        refuse_file_name(out, one if one_table else several)
    kind: Format = chosen
    return kind


def refuse_file_name(out: Path | None, expected: Message) -> None:
    """Refuse to make a folder whose name is that of a file."""
    if out is not None and not out.is_dir() and out.suffix.lower() in OTHER_FILES:
        problem = Problem(Message("The name ends in {suffix}.", suffix=out.suffix), expected=expected)
        raise CmpolicyError(Message("The result cannot be written to {target}.", target=out), [problem])


def refuse_own_data(out: Path | None, *sources: Path | None) -> None:
    """Refuse to write the results over the records that they come from."""
    if out is not None and any(source and _is_of(source.resolve(), out.resolve()) for source in sources):
        raise CmpolicyError(
            Message("The result cannot be written to {target}.", target=out),
            [Problem(Message("The data are there; they would be overwritten."), expected=Message("another place"))],
        )


def _is_of(source: Path, place: Path) -> bool:
    """Tell whether a place is that of the records, or of one of their tables."""
    from cmpolicy.staff.schema import TABLES

    tables = {name for table in TABLES.values() for name in (table.name, table.heading)}
    return place == source or (place.parent == source and place.stem.lower() in tables)


def refuse_inside(folder: Path, *places: Path | None) -> None:
    """Refuse to write among partitions what would be taken for one the next time."""
    for place in places:
        if place is not None and place.resolve().is_relative_to(folder.resolve()):
            raise CmpolicyError(
                Message("The result cannot be written to {target}.", target=place),
                [Problem(Message("It would be taken for a partition."), expected=Message("another place"))],
            )


def check_figures(*paths: Path | None) -> None:
    """Refuse, before anything is computed, a figure of a kind that is not drawn."""
    for path in paths:
        if path is not None and path.suffix.lower() not in (".png", ".svg"):
            problem = Problem(Message("The name ends in none of {kinds}.", kinds=list_of([".png", ".svg"])))
            raise CmpolicyError(Message("The figure {path} cannot be drawn.", path=path), [problem])
    places = [path.resolve() for path in paths if path is not None]
    if len(set(places)) < len(places):
        problem = Problem(Message("Two figures would be written there."), expected=Message("another place"))
        raise CmpolicyError(Message("The figure {path} cannot be drawn.", path=paths[-1]), [problem])


def draw(drawn: Figure, path: Path) -> None:
    """Write a figure to a file, as PNG or SVG by its name."""
    from cmpolicy.files import write_aside
    from cmpolicy.report.figures import image_of

    picture = image_of(drawn, "png" if path.suffix.lower() == ".png" else "svg")

    def write(aside: Path) -> None:
        (aside / path.name).write_bytes(picture)

    write_aside(path.parent, write, path)


def write(tables: Mapping[str, pd.DataFrame | None], out: Path, kind: Format, stem: str) -> None:
    """Write tables as files or sheets."""
    from cmpolicy.report.files import write_tables

    write_tables(tables, out, kind, stem=stem)


@contextlib.contextmanager
def rest_shown(
    show: Callable[[Console, Any], None], policy: Policy | PolicyBook, reform: Policy | PolicyBook | None = None
) -> Iterator[None]:
    """Where partitions cannot be used, show what the others give, marked as incomplete; the error goes on."""
    from cmpolicy.report.terminal.console import console_for, text_of

    try:
        yield
    except cm.IncompleteError as error:
        console = console_for()
        console.print(text_of(Message("INCOMPLETE: only of the partitions that can be used"), style="bold"))
        show_policies(console, policy, reform)
        show(console, error.rest)
        raise


def show_policies(console: Console, policy: Policy | PolicyBook, reform: Policy | PolicyBook | None = None) -> None:
    """Head a result with the policy that it is of, and the reform that is compared with it; changes are named."""
    from cmpolicy.report.terminal.appraisal import policy_names
    from cmpolicy.report.terminal.console import text_of

    console.print(text_of(Message("Policy {name}", name=policy_names(policy)), style="bold"))
    if reform is not None:
        console.print(text_of(Message("Reform {name}", name=policy_names(reform)), style="bold"))


def say_written(out: Path | None) -> None:
    """Say where the results are, and what else is there that could be taken for them."""
    from rich.text import Text

    from cmpolicy.report.files import of_other_runs
    from cmpolicy.report.terminal.console import console_for

    if out is None:
        return
    console_for().print(Text(str(Message("Written to {path}.", path=out))))
    others = of_other_runs(out) if out.is_dir() else []
    if others:
        names = Message("Also there, older and in another format: {names}.", names=list_of(others))
        console_for().print(Text(str(names)))


def parameters(policy: Policy | PolicyBook) -> pd.DataFrame:
    """Give every value of a policy as a table: policy, path, clause, value."""
    import pandas as pd

    from cmpolicy.regulation.policy import clause_of

    policies = [policy] if isinstance(policy, cm.Policy) else list(policy.policies)
    rows = [(one.id, path, clause_of(path), str(one.get(path))) for one in policies for path in one.paths()]
    return pd.DataFrame(rows, columns=["policy", "path", "clause", "value"])


def comparison_tables(change: Comparison) -> dict[str, pd.DataFrame | None]:
    """Give what a reform changes as tables, by the names of their files."""
    import pandas as pd

    tables: dict[str, pd.DataFrame | None] = {
        "month_migration": change.month_migration.reset_index(),
        "quarter_migration": change.quarter_migration.reset_index(),
        "cost": change.cost.reset_index(),
        "people": change.people,
        "standing": change.standing.reset_index(),
        "corrections": change.corrections,
    }
    shown = [
        (one.path, one.clause, *("" if v is None else str(v) for v in (one.before, one.after)))
        for one in change.changes
    ]
    tables["changes"] = pd.DataFrame(shown, columns=["path", "clause", "before", "after"]) if shown else None
    attributed = bool(shown) and change.why_not_attributed is None
    tables["attribution"] = change.attribution if attributed else None
    tables["by_grade"] = change.by_grade if attributed else None
    tables["by_area"] = change.by_area.reset_index()
    return tables
