"""Make the committed data sets again: `python datasets/make.py`. The README beside it says what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import cmpolicy as cm
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.staff.schema import TABLES

if TYPE_CHECKING:
    from cmpolicy import StaffData

HERE = Path(__file__).parent
SLIPS = 0.02
"""Share of quarters in which payroll paid something else than the rules give."""


def make(folder: Path) -> None:
    """Write both data sets below a folder."""
    cm.write_staff(department(), folder / "department")
    cm.write_staff(small(), folder / "small")
    write_chinese_workbook(small(), folder / "small.xlsx")


def small() -> StaffData:
    """Give eight people over one year."""
    return cm.synthesize(staff=8, months=12, seed=5, first_month="2025-01")


def department() -> StaffData:
    """Give a department over three years, with what payroll paid."""
    data = end_first_dismissal(cm.synthesize(staff=64, months=36, seed=16, first_month="2023-01"))
    return with_payroll(data, np.random.default_rng(16))


def end_first_dismissal(data: StaffData) -> StaffData:
    """Let the first person whom 3.5 dismisses leave at that quarter's end; a later one stays on, against the rule."""
    dismissed = cm.appraise(data).quarters.query("dismissal_due").sort_values("quarter").iloc[0]
    last_month = pd.Period(dismissed["quarter"], freq="Q").asfreq("M")
    frames = frames_of(data)
    staff = frames["staff"]
    staff.loc[staff["staff_id"] == dismissed["staff_id"], "leave_date"] = last_month.end_time.normalize()
    ends = {"months": str(last_month), "quarters": dismissed["quarter"], "surveys": str(last_month)}
    for name, end in ends.items():
        period = "quarter" if name == "quarters" else "month"
        later = (frames[name]["staff_id"] == dismissed["staff_id"]) & (frames[name][period] > end)
        frames[name] = frames[name][~later]
    years = frames["years"]
    gone = (years["staff_id"] == dismissed["staff_id"]) & (years["year"] > last_month.year)
    frames["years"] = years[~gone]
    return cm.StaffData.from_frames(frames)


def with_payroll(data: StaffData, rng: np.random.Generator) -> StaffData:
    """Add what payroll paid: the enacted rules' payout, but for a few slips and for who stayed on against 3.5."""
    as_paid = cm.load_policy("2007-06").with_changes({"readings.after_dismissal": "as_recorded"})
    outcome = cm.appraise(data, as_paid).quarters
    frames = frames_of(data)
    quarters = frames["quarters"].merge(outcome, on=["staff_id", "quarter"], suffixes=("", "_of_outcome"))
    paid = (quarters["payout"] * FEN_PER_YUAN).round().astype("int64")
    service = (quarters["service_bonus"] * FEN_PER_YUAN).round().astype("int64")

    plain = quarters["grade"].isin(["A", "B", "C"]) & (quarters["months_assessed"] == 3) & (paid > 100_000)
    slips = rng.choice(np.flatnonzero(plain), round(SLIPS * len(quarters)), replace=False)
    wrong_grade, no_revenue, swapped = np.array_split(slips, 3)
    paid[wrong_grade] -= 50_000  # the bonus of the next worse grade
    paid[no_revenue] = service[no_revenue]  # the revenue bonus or penalty was forgotten
    paid[swapped] = [swap_digits(int(fen)) for fen in paid[swapped]]
    frames["quarters"]["paid"] = (paid / FEN_PER_YUAN).to_numpy()
    return cm.StaffData.from_frames(frames)


def swap_digits(fen: int) -> int:
    """Swap two neighbouring digits behind the first that differ, as in typing."""
    digits = list(str(fen))
    place = next(place for place in range(1, len(digits) - 1) if digits[place] != digits[place + 1])
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    return int("".join(digits))


def frames_of(data: StaffData) -> dict[str, pd.DataFrame]:
    """Give all tables as DataFrames."""
    return {name: data.frame(name) for name in data.tables}


def write_chinese_workbook(data: StaffData, path: Path) -> None:
    """Write tables as a department keeps them: Chinese sheets and headings, days as days."""
    with pd.ExcelWriter(path, engine="xlsxwriter", datetime_format="yyyy-mm-dd") as writer:
        for name, frame in frames_of(data).items():
            headings = {field.name: field.heading for field in TABLES[name].fields}
            frame.rename(columns=headings).to_excel(writer, sheet_name=TABLES[name].heading, index=False)


if __name__ == "__main__":
    make(HERE)
    print(f"Written to {HERE}.")
