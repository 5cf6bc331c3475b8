"""Where results go: tables and figures in files, never over the data that they come from."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.messages import Message

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


def format_of(out: Path | None, name: str | None) -> Format:
    """Give the format that a name or the place to write asks for; refuse what does not fit."""
    workbook = out is not None and out.suffix.lower() == ".xlsx"
    chosen: Any = name or ("xlsx" if workbook else "csv")
    if chosen not in FORMATS or (workbook and chosen != "xlsx"):
        raise CmpolicyError(
            Message("The format {format} does not fit.", format=chosen),
            [Problem(Message("--format is one of csv, parquet and xlsx; a file that ends in .xlsx is xlsx."))],
        )
    refuse_file_name(out, Message("a folder, which takes one file a table, or a file that ends in .xlsx"))
    kind: Format = chosen
    return kind


def refuse_file_name(out: Path | None, expected: Message) -> None:
    """Refuse to make a folder whose name is that of a file."""
    if out is not None and not out.is_dir() and out.suffix.lower() in OTHER_FILES:
        problem = Problem(Message("The name ends in {suffix}.", suffix=out.suffix), expected=expected)
        raise CmpolicyError(Message("The result cannot be written to {target}.", target=out), [problem])


def refuse_own_data(out: Path | None, *sources: Path | None) -> None:
    """Refuse to write the results over the records that they come from."""
    if out is not None and any(source and out.resolve() == source.resolve() for source in sources):
        raise CmpolicyError(
            Message("The result cannot be written to {target}.", target=out),
            [Problem(Message("The data are there; they would be overwritten."), expected=Message("another place"))],
        )


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
            problem = Problem(Message("The name ends in none of {kinds}.", kinds=".png, .svg"))
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
def rest_shown(show: Callable[[Console, Any], None]) -> Iterator[None]:
    """Where partitions cannot be used, show what the others give, marked as incomplete; the error goes on."""
    from cmpolicy.report.terminal.console import console_for, text_of

    try:
        yield
    except cm.IncompleteError as error:
        console = console_for()
        console.print(text_of(Message("INCOMPLETE: only of the partitions that can be used"), style="bold"))
        show(console, error.rest)
        raise


def say_written(out: Path | None) -> None:
    """Say where the results are."""
    from rich.text import Text

    from cmpolicy.report.terminal.console import console_for

    if out:
        console_for().print(Text(str(Message("Written to {path}.", path=out))))


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
