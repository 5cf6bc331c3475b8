"""The data dictionary: every table and column that the program reads, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "staff_id", "text", "month", "quarter", "year", "date", "count", "sampled", "adjustment", "flag", "money"
]

MOST_EVENTS = 1_000_000
"""The highest count that is read; more in a month is a slip of the pen."""
MOST_YUAN = 100_000_000
"""The highest amount that is read, yuan; it also keeps the arithmetic inside 64-bit integers."""
NOT_APPRAISED = ("name", "area", "contract_months", "contract_wage", "probation_wage", "festival_allowance", "paid")
"""Columns on which no grade, no bonus and no award depends."""
ABSENT_COUNT = -1
ABSENT_ADJUSTMENT = -32768
ABSENT_MONEY = -(2**63)
ABSENT_TEXT = -1


@dataclass(frozen=True)
class Field:
    """One column: its canonical name, its Chinese heading, what its cells hold, and whether it must be there.

    An amount may be below nought where it is `signed`.
    """

    name: str
    heading: str
    kind: Kind
    required: bool = False
    signed: bool = False


@dataclass(frozen=True)
class TableSchema:
    """One table: its canonical and Chinese names, its columns, and the columns that tell its rows apart."""

    name: str
    heading: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    def field(self, name: str) -> Field:
        """Give the field of that canonical name."""
        return next(field for field in self.fields if field.name == name)


_STAFF_ID = Field("staff_id", "工号", "staff_id", required=True)
_AREA = Field("area", "片区", "text")
_REVENUE = (Field("revenue", "业务收入", "money"), Field("revenue_base", "业务收入基数", "money"))
_STANDARDS = tuple(
    Field(f"{name}_{letter}", f"{heading}{letter.upper()}未达标", "count", required=True)
    for name, heading in (("acceptance", "业务受理"), ("installation", "新装"), ("fault", "故障处理"))
    for letter in "abc"
)

TABLES = {
    table.name: table
    for table in (
        TableSchema(
            "staff",
            "员工",
            (
                _STAFF_ID,
                Field("name", "姓名", "text"),
                _AREA,
                Field("hire_date", "入职日期", "date"),
                Field("leave_date", "离职日期", "date"),
                Field("contract_months", "合同期限(月)", "count"),
                Field("contract_wage", "合同工资", "money"),
                Field("probation_wage", "试用期工资", "money"),
                Field("confirmed_on", "转正日期", "date"),
                Field("festival_allowance", "过节费", "money"),
            ),
            key=("staff_id",),
        ),
        TableSchema(
            "months",
            "月度",
            (
                _STAFF_ID,
                Field("month", "月份", "month", required=True),
                Field("broadband_gained", "宽带新增", "count", required=True),
                Field("broadband_lost", "宽带减少", "count", required=True),
                Field("maintained_gained", "代维新增", "count", required=True),
                Field("maintained_lost", "代维减少", "count", required=True),
                *_STANDARDS,
                Field("complaints", "投诉", "count", required=True),
                Field("praises", "表扬", "count", required=True),
                Field("unreported_complaints", "未及时汇报", "count", required=True),
                Field("fraud", "弄虚作假", "flag", required=True),
                _AREA,
                *_REVENUE,
            ),
            key=("staff_id", "month"),
        ),
        TableSchema(
            "quarters",
            "季度",
            (
                _STAFF_ID,
                Field("quarter", "季度", "quarter", required=True),
                Field("review", "评分加减", "adjustment"),
                Field("review_supervisor", "园区主管加减", "adjustment"),
                Field("review_manager", "部门经理加减", "adjustment"),
                *_REVENUE,
                _AREA,
                Field("paid", "实发", "money", signed=True),  # without the limit of 3.3 a penalty is taken back
            ),
            key=("staff_id", "quarter"),
        ),
        TableSchema(
            "surveys",
            "满意度调查",
            (
                _STAFF_ID,
                Field("month", "月份", "month", required=True),
                Field("sampled", "抽查人数", "sampled", required=True),
                Field("satisfied", "满意人数", "count", required=True),
            ),
            key=(),
        ),
        TableSchema(
            "years",
            "年度",
            (
                _STAFF_ID,
                Field("year", "年度", "year", required=True),
                Field("other_year_end_bonus", "其他年终奖", "money"),
            ),
            key=("staff_id", "year"),
        ),
    )
}
