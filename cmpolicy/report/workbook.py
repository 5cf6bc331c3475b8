"""One workbook: a sheet a table, with a sheet that says how to read it. Text never becomes a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.files import new_workbook, refuse_long_sheets
from cmpolicy.messages import Message, using_language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

MONEY = {
    "award",
    "service_bonus",
    "revenue_bonus",
    "payout",
    "penalty_not_applied",
    "service_award",
    "cash_effect",
    "cost",
    "first_month_pay",
    "festival_allowance",
    "baseline",
    "reform",
    "difference",
    "payout_baseline",
    "payout_reform",
    "paid",
    "computed",
    "payout_difference",
    "payout_low",
    "payout_high",
    "yuan",
    "moved",
    "amounts",
    "other",
    "standard_error",
}
SCORES = {"score", "score_baseline", "score_reform"}
WIDEST = 40
EXPLAINED = {
    "staff_id": Message("staff id"),
    "name": Message("name"),
    "area": Message("area"),
    "month": Message("month"),
    "quarter": Message("quarter"),
    "year": Message("year"),
    "score": Message("score, points (2.1-2.10)"),
    "grade": Message("grade (3.1)"),
    "award": Message("award of the month, yuan, settled at year end (3.2)"),
    "months_assessed": Message("months assessed in the quarter"),
    "service_bonus": Message("service bonus, yuan (3.2)"),
    "revenue_bonus": Message("revenue bonus or penalty, yuan (R1)"),
    "payout": Message("payout of the quarter, yuan (3.3)"),
    "penalty_not_applied": Message("penalty that the limit kept from being taken, yuan (3.3)"),
    "standing": Message("standing: regular, observation or left (3.5)"),
    "dismissal_due": Message("dismissal due at the quarter's end (3.5)"),
    "open": Message("the data end inside the quarter"),
    "service_award": Message("annual service award, yuan (3.2)"),
    "cash_effect": Message("what the award changes in cash, yuan (3.2)"),
    "cost": Message("payout and cash effect together, yuan"),
    "measure": Message("measure: service, revenue or both (3.4)"),
    "planned_end": Message("first regular day by plan (P2)"),
    "confirmed_on": Message("confirmed on (P1)"),
    "first_month_pay": Message("pay of the first month, yuan (P(1)1)"),
    "paid": Message("what payroll paid for the quarter, yuan"),
    "computed": Message("what the rules give for the quarter, yuan (3.3)"),
    "setting": Message("the change as it is typed: PATH=VALUE"),
    "vanished": Message("differences that vanish with it"),
    "created": Message("new differences that appear with it"),
    "net": Message("by how many the differences become fewer"),
    "quarters_moved": Message("compared quarters whose payout it changes"),
    "groups.score": Message("mean of the people's mean scores, points"),
    "groups.payout": Message("mean payout of the group's staff-quarters, yuan"),
    "score_difference": Message("difference of the mean score from the rest, points, each person counting once"),
    "score_p_value": Message("p-value, adjusted for the number of groups"),
    "payout_difference": Message(
        "difference of the payout of a quarter from the rest, yuan, each person counting once"
    ),
    "payout_p_value": Message("p-value, adjusted for the number of groups"),
    "lowest_difference": Message(
        "difference of the share of the lowest grade from the rest, each person counting once"
    ),
    "lowest_p_value": Message("p-value, adjusted for the number of groups"),
    "low": Message("lower end of the 95 % interval"),
    "high": Message("upper end of the 95 % interval"),
    "hidden": Message("too few people to be shown"),
    "leniency.points": Message("mean of the people's mean points (2.9)"),
    "shrunk": Message("mean drawn towards that of all areas, the more the less is known"),
    "festival_allowance": Message("festival allowance in probation, yuan (P(1)2)"),
    "baseline": Message("under the baseline"),
    "reform": Message("under the reform"),
    "difference": Message("reform less baseline"),
    "quarters_better": Message("quarters with a better grade"),
    "quarters_worse": Message("quarters with a worse grade"),
    "clause": Message("clause of the regulation"),
    "component": Message("component of the cost"),
    "check": Message("compliance check"),
    "severity": Message("E contradicts a binding text, W is a risk or a regional rule, I is for information"),
    "rule": Message("path of the policy's value, or clause of the regulation"),
    "finding": Message("what is wrong"),
    "cure": Message("what would cure it"),
    "missing": Message("what is missing to check it"),
    "period": Message("month, quarter or year"),
    "item": Message("what the line is about"),
    "events": Message("how many events counted"),
    "each": Message("points for each event"),
    "points": Message("points that the line brings: events × points"),
    "yuan": Message("money that the line brings, yuan"),
    "yuan_so_far": Message("money up to this line, yuan"),
    "result": Message("what the clause makes of it, where that is no number"),
    "working": Message("how it comes about"),
    "readings": Message("readings used where a clause is unclear"),
    "before": Message("before the reform"),
    "after": Message("under the reform"),
    "standard_error": Message("standard error of a part, yuan; 0 where it is exact"),
    "records": Message("staff-quarters, staff-months or staff-years"),
    "moved": Message("people moving between grades, at the baseline's amounts, yuan"),
    "amounts": Message("changed amounts at the grade after, yuan"),
    "other": Message("at the same grade, or following none, yuan"),
    "borne_by": Message("who bears it: employer or person"),
    "not_computed": Message("people for whom it cannot be computed"),
    "article": Message("clause of the regulation and article of the law"),
    "assumption": Message("what was taken to hold"),
}


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write tables as sheets, row by row, headed by their canonical names.

    Raises
    ------
    CmpolicyError
        If a table has more rows than a sheet can hold.
    """
    refuse_long_sheets({name: len(frame) for name, frame in tables.items()})
    with new_workbook(path) as workbook:
        formats = {
            "heading": workbook.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1}),
            "money": workbook.add_format({"num_format": "#,##0.00"}),
            "score": workbook.add_format({"num_format": "0.00######"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "wrap": workbook.add_format({"text_wrap": True, "valign": "top"}),
        }
        _write_guide(workbook.add_worksheet("how to read"), tables, formats)
        for name, frame in tables.items():
            _write_sheet(workbook.add_worksheet(name), frame, formats)
        workbook.worksheets()[min(1, len(tables))].activate()


def _write_sheet(sheet: Any, frame: pd.DataFrame, formats: dict[str, Any]) -> None:
    styles = [formats.get(_style(str(name), values)) for name, values in frame.items()]
    for place, (name, values) in enumerate(frame.items()):
        sheet.set_column(place, place, _width(str(name), values))
    for place, name in enumerate(frame.columns):
        sheet.write_string(0, place, str(name), formats["heading"])
    columns = [values.astype(object).where(values.notna(), None).tolist() for _, values in frame.items()]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        for place, (cell, style) in enumerate(zip(cells, styles, strict=True)):
            if cell is None:
                continue
            if style is formats["date"]:
                sheet.write_datetime(row, place, cell.to_pydatetime(), style)
            elif isinstance(cell, bool):
                sheet.write_boolean(row, place, cell)
            elif isinstance(cell, int | float):
                sheet.write_number(row, place, cell, style)
            else:
                sheet.write_string(row, place, str(cell))
    sheet.freeze_panes(1, 0)
    if len(frame.columns):
        sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)


def _style(name: str, values: pd.Series[Any]) -> str:
    if values.dtype.kind == "M":
        return "date"
    if name in SCORES:
        return "score"
    return "money" if name in MONEY and values.dtype.kind == "f" else ""


def _write_guide(sheet: Any, tables: Mapping[str, pd.DataFrame], formats: dict[str, Any]) -> None:
    for place, heading in enumerate(("table", "column", "中文", "English")):
        sheet.write_string(0, place, heading, formats["heading"])
    row = 1
    for table, frame in tables.items():
        for column in map(str, frame.columns):
            explained = EXPLAINED.get(f"{table}.{column}") or _explained(column)
            if explained is None:
                continue
            sheet.write_string(row, 0, table)
            sheet.write_string(row, 1, column)
            for place, code in ((2, "zh"), (3, "en")):
                with using_language(code):
                    sheet.write_string(row, place, str(explained), formats["wrap"])
            row += 1
    sheet.set_column(0, 1, 22)
    sheet.set_column(2, 3, 52)
    sheet.freeze_panes(1, 0)


def _explained(column: str) -> Message | None:
    for side in ("baseline", "reform"):
        what = EXPLAINED.get(column.removesuffix(f"_{side}"))
        if what is not None and column.endswith(f"_{side}"):
            return Message("{what}, {side}", what=what, side=EXPLAINED[side])
    return EXPLAINED.get(column)


def _width(heading: str, values: pd.Series[Any]) -> int:
    """Fit a column to its first rows; a Chinese character is two wide."""
    shown = [heading, *values.head(200).dropna().astype(str)]
    return min(WIDEST, 4 + max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) for text in shown))
