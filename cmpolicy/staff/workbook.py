"""The sheets of an Excel workbook as rows of cells, with what Excel shows where a cell has no value."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

from cmpolicy.errors import DataError, Problem
from cmpolicy.messages import Message
from cmpolicy.staff.cells import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OLE = b"\xd0\xcf\x11\xe0"
_MAIN_PART = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_ERROR_TYPE = re.compile(rb"""\bt=["']e["']""")
_TEXT_TYPE = re.compile(rb"""\bt=["']str["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)")
# What the libraries raise for parts that are missing, cut short or garbled.
_DAMAGES = (
    EOFError, LookupError, OSError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, ET.ParseError,
)  # fmt: skip


class Sheet(NamedTuple):
    """A sheet's name and its rows of cells; the first cell of the first row is A1."""

    name: str
    rows: list[list[Any]]


class _Fault(NamedTuple):
    row: int
    column: int
    text: str


def read_sheets(path: Path) -> list[Sheet]:
    """Read all sheets of a workbook.

    Raises
    ------
    DataError
        If the file is no workbook that can be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_other_files(path)
    try:
        _refuse_other_archives(path)
        workbook = CalamineWorkbook.from_path(path)
        sheets: dict[str, list[list[Any]]] = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names
        }
        for name, fault in _faults(path):
            _put(sheets[name], fault)
    except (CalamineError, *_DAMAGES):
        raise _not_a_workbook(Message("The workbook {path} is damaged or cut short.", path=path)) from None
    return [Sheet(name, rows) for name, rows in sheets.items()]


def column_letters(place: int) -> str:
    """Name a column as spreadsheets do.

    Examples
    --------
    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    while place >= 0:
        place, letter = divmod(place, 26)
        letters = chr(ord("A") + letter) + letters
        place -= 1
    return letters


def _refuse_other_files(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(8)
    complaint = None
    if not start:
        complaint = Message("The file {path} is empty.", path=path)
    elif start.startswith(_OLE):
        complaint = Message("The file {path} is an old Excel workbook (.xls) or is protected by a password.", path=path)
    elif start.startswith(b"%PDF"):
        complaint = Message("The file {path} is a PDF.", path=path)
    elif not start.startswith(b"PK"):
        complaint = Message("The file {path} is neither a folder nor an Excel workbook (.xlsx).", path=path)
    if complaint:
        raise _not_a_workbook(complaint)


def _refuse_other_archives(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        if _MAIN_PART not in parts.namelist():
            raise _not_a_workbook(
                Message("The file {path} is of another kind than Excel workbooks (.xlsx).", path=path)
            )


def _not_a_workbook(what: Message) -> DataError:
    return DataError(
        what,
        [
            Problem(
                Message("This cannot be read."),
                expected=Message(
                    "a folder of CSV or Parquet files, or an Excel workbook saved as .xlsx without a password"
                ),
            )
        ],
    )


def _faults(path: Path) -> Iterator[tuple[str, _Fault]]:
    """Find the errors and the formulas without a result, with their sheets.

    The reader gives such cells as empty ones. In a column that may be empty they would be lost without a word.
    """
    with zipfile.ZipFile(path) as parts:
        # Only what calamine has read already comes here, and expat refuses entities that grow without bounds.
        relations = ET.fromstring(parts.read(_RELATIONS))  # noqa: S314 - see above
        targets = {entry.get("Id"): entry.get("Target", "") for entry in relations}
        for sheet in ET.fromstring(parts.read(_MAIN_PART)).iterfind("{*}sheets/{*}sheet"):  # noqa: S314 - see above
            relation = next((value for name, value in sheet.items() if name.endswith("}id")), None)
            part = posixpath.normpath(posixpath.join("/xl", targets[relation])).lstrip("/")
            for fault in _faults_of(parts.read(part)):
                yield sheet.get("name", ""), fault


def _faults_of(content: bytes) -> Iterator[_Fault]:
    if not _ERROR_TYPE.search(content) and not _FORMULA.search(content):
        return
    for attributes, inside in _CELL.findall(content):
        place, value, formula = _PLACE.search(attributes), _VALUE.search(inside), _FORMULA.search(inside)
        if place is None:
            continue
        if _ERROR_TYPE.search(attributes):
            text = _text(value[1] if value else b"#N/A")
        elif formula and not value and not _TEXT_TYPE.search(attributes):  # a formula may well give an empty text
            text = f"={_text(formula[1] or b'')}"
        else:
            continue
        yield _Fault(int(place[2]) - 1, _place_of(place[1]), text)


def _put(rows: list[list[Any]], fault: _Fault) -> None:
    rows += [[] for _ in range(fault.row + 1 - len(rows))]
    row = rows[fault.row]
    row += [""] * (fault.column + 1 - len(row))
    row[fault.column] = Fault(fault.text)


def _place_of(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + letter - ord("A") + 1
    return place - 1


def _text(content: bytes) -> str:
    return html.unescape(content.decode("utf-8", errors="replace"))
