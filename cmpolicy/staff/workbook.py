"""The sheets of an Excel workbook as rows of cells, with what Excel shows where a cell has no value, or hides."""

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
    from collections.abc import Iterator, Sequence
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
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_HIDDEN = re.compile(rb"""<(?:\w+:)?(row|col)\s([^>]*?\bhidden=["'](?:1|true)["'][^>]*)>""")
_MOST_COLUMNS = 16_384
_NUMBER = re.compile(rb"""\b(r|min|max)=["'](\d{1,7})["']""")
# What the libraries raise for parts that are missing, cut short or garbled.
_DAMAGES = (
    EOFError, LookupError, OSError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, ET.ParseError,
)  # fmt: skip


class Block(NamedTuple):
    """Merged cells: the first and the last row and column, from 0."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letters(self.left)}{self.top + 1}:{column_letters(self.right)}{self.bottom + 1}"


class Sheet(NamedTuple):
    """A sheet: its name, its rows of cells, and what a person would not see there.

    The first cell of the first row is A1. Rows and columns that are hidden are counted from 0.
    """

    name: str
    rows: list[list[Any]]
    merged: Sequence[Block] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


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
        found = {name: Sheet(name, rows) for name, rows in sheets.items()}
        for name, content, hidden in _parts(path):
            if name in sheets:
                for fault in _faults_of(content):
                    _put(sheets[name], fault)
                found[name] = Sheet(name, sheets[name], _merged(content), hidden, *_hidden(content))
    except (CalamineError, *_DAMAGES):
        raise _not_a_workbook(Message("The workbook {path} is damaged or cut short.", path=path)) from None
    return list(found.values())


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


def _parts(path: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Give each sheet's name, what the file holds for it, and whether the sheet is hidden.

    The reader gives cells with an error, and formulas without a result, as empty ones: in a column that may be empty
    they would be lost without a word. Nor does it tell of rows and columns that are hidden.
    """
    with zipfile.ZipFile(path) as parts:
        # Only what calamine has read already comes here, and expat refuses entities that grow without bounds.
        relations = ET.fromstring(parts.read(_RELATIONS))  # noqa: S314 - see above
        targets = {entry.get("Id"): entry.get("Target", "") for entry in relations}
        for sheet in ET.fromstring(parts.read(_MAIN_PART)).iterfind("{*}sheets/{*}sheet"):  # noqa: S314 - see above
            relation = next((value for name, value in sheet.items() if name.endswith("}id")), None)
            part = posixpath.normpath(posixpath.join("/xl", targets[relation])).lstrip("/")
            yield sheet.get("name", ""), parts.read(part), sheet.get("state", "visible") != "visible"


def _merged(content: bytes) -> list[Block]:
    # They stand behind the cells. From there on nothing is long.
    start = max(content.rfind(b"sheetData>"), 0)
    return [
        Block(int(top) - 1, _place_of(left), int(bottom) - 1, _place_of(right))
        for left, top, right, bottom in _MERGED.findall(content, start)
    ]


def _hidden(content: bytes) -> tuple[frozenset[int], frozenset[int]]:
    if b"hidden=" not in content:
        return frozenset(), frozenset()
    rows: set[int] = set()
    columns: set[int] = set()
    for kind, attributes in _HIDDEN.findall(content):
        numbers = {name: int(number) for name, number in _NUMBER.findall(attributes)}
        if kind == b"row" and b"r" in numbers:
            rows.add(numbers[b"r"] - 1)
        elif kind == b"col":
            columns.update(range(numbers[b"min"] - 1, min(numbers[b"max"], _MOST_COLUMNS)))
    return frozenset(rows), frozenset(columns)


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
