"""Writing files: made aside, then renamed, so that nothing is half-written; and text that stays text."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cmpolicy.errors import CmpolicyError, Problem, system_reason
from cmpolicy.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Format = Literal["csv", "parquet", "xlsx"]

EXCEL_ROWS = 1_048_576
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[\d.,]+%?")


def write_aside(folder: Path, write: Callable[[Path], None], target: Path | None = None) -> list[Path]:
    """Write files into a folder: all of them elsewhere first, then each renamed into its place.

    Where anything fails, what was there before is there still, and nothing else.

    Parameters
    ----------
    folder
        Made where it is not there yet. Files of other names in it stay.
    write
        Writes the files into the folder that it is given.
    target
        What a person asked to have written, where that is not the folder itself.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    CmpolicyError
        If the files cannot be written there.
    """
    target = folder if target is None else target
    if (target != folder and target.is_dir()) or (folder.exists() and not folder.is_dir()):
        raise cannot_write(target, Message("There is something of another kind under this name."))
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    aside = folder / f".writing-{secrets.token_hex(4)}"  # known before it is there, so that it is never forgotten
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside.mkdir(mode=0o700)
        write(aside)
        return _put_in_place(aside, folder)
    except OSError as error:
        raise cannot_write(target, system_reason(error)) from None
    finally:
        _remove(aside)
        for one in made:
            with contextlib.suppress(OSError):  # a folder that holds files stays
                one.rmdir()


def _remove(folder: Path) -> None:
    """Remove a folder, even if it is just then that someone stops the program."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _put_in_place(aside: Path, folder: Path) -> list[Path]:
    """Rename files into their places, all or none: a file that another program holds open cannot be replaced."""
    files = sorted(aside.iterdir())
    places = [folder / file.name for file in files]
    for place in places:
        if place.is_dir():
            raise cannot_write(place, Message("There is something of another kind under this name."))
    before = Path(tempfile.mkdtemp(dir=aside))
    try:
        for place in places:
            if place.exists():
                place.replace(before / place.name)
        for file, place in zip(files, places, strict=True):
            file.replace(place)
    except BaseException:
        for file, place in zip(files, places, strict=True):
            if (before / place.name).exists():
                (before / place.name).replace(place)
            elif not file.exists():
                place.unlink()
        raise
    return places


def cannot_write(target: Path, *reasons: Message) -> CmpolicyError:
    """Give the error that a target cannot be written, with the reasons."""
    message = Message("The result cannot be written to {target}.", target=target)
    return CmpolicyError(message, [Problem(reason) for reason in reasons])


@contextlib.contextmanager
def new_workbook(path: Path) -> Iterator[Any]:
    """Open a workbook to write, row after row, in which a text stays a text; it is there when the block ends.

    Raises
    ------
    OSError
        If it cannot be written, as on a full disk.
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    try:
        with xlsxwriter.Workbook(str(path), options) as workbook:
            yield workbook
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from None


def refuse_long_sheets(lengths: Mapping[str, int]) -> None:
    """Refuse tables with more rows than a sheet of a workbook can hold below its heading.

    Raises
    ------
    CmpolicyError
        Naming every table that is too long.
    """
    problems = [
        Problem(
            Message("The table has {rows} rows.", rows=f"{length:,}"),
            table=name,
            expected=Message("fewer than {most} rows", most=f"{EXCEL_ROWS:,}"),
        )
        for name, length in lengths.items()
        if length >= EXCEL_ROWS
    ]
    if problems:
        raise CmpolicyError(Message("A workbook cannot hold these tables; write CSV or Parquet instead."), problems)


def safe_text(value: object) -> str:
    """Keep a text from being run as a formula by a program that opens the CSV file; a number is none.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("CM01"), safe_text("-5")
    ("'=1+1", 'CM01', '-5')
    """
    text = str(value)
    harmless = text == "–" or _NUMBER.fullmatch(text)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not harmless else text
