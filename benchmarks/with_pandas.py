"""The enacted regulation in plain pandas, as an analyst would write it: the yardstick for the engines.

Tables in have whole numbers where a person reads text: staff_id is a place in the list of staff, month is
12 * year + month - 1, quarter is 4 * year + quarter - 1, and money is fen. That spares pandas all work on text.
"""

import numpy as np
import pandas as pd

from cmpolicy.staff.schema import TABLES

STANDARDS = [field.name for field in TABLES["months"].fields if field.name[-2:] in ("_a", "_b", "_c")]
GRADES = ["E", "D", "C", "B", "A"]
BOUNDS = [-np.inf, 90, 95, 100, 110, np.inf]
QUARTERLY_BONUS = {"A": 250_000, "B": 200_000, "C": 150_000, "D": 100_000, "E": 0}
MONTHLY_AWARD = {"A": 20_000, "B": 10_000, "C": 0, "D": -10_000, "E": -20_000}
STANDINGS = ["regular", "observation", "left"]
PERSON_QUARTER = ["staff_id", "quarter"]


def appraise(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Give the tables months, quarters, years and recognition; money in fen, a quarter's score in points."""
    months = score_months(tables["months"])
    quarters = score_quarters(months, tables["quarters"], tables["surveys"])
    quarters = quarters.merge(standings(quarters), on=PERSON_QUARTER)
    quarters = pay_quarters(quarters)
    months = months.merge(quarters[[*PERSON_QUARTER, "standing", "excess"]], on=PERSON_QUARTER, how="left")
    months["award"] = money_of(months["grade"], MONTHLY_AWARD).where(months["standing"] != "left", 0)
    return {
        "months": months[["staff_id", "month", "score", "grade", "award"]],
        "quarters": quarters.drop(columns=["revenue", "revenue_base", "excess"]),
        "years": years_of(months, tables["years"]),
        "recognition": recognise(months),
    }


def score_months(months: pd.DataFrame) -> pd.DataFrame:
    """2.1-2.8 and 3.1."""
    score = (
        100
        + 3 * (months["broadband_gained"] + months["maintained_gained"])
        - 2 * (months["broadband_lost"] + months["maintained_lost"])
        - 2 * (months[STANDARDS] > 0).sum(axis=1)
        - 3 * months["complaints"]
        + 3 * months["praises"]
        - 5 * months["unreported_complaints"]
    )
    grade = grade_of(score).mask(months["fraud"], "E")
    kept = [name for name in ("staff_id", "month", "fraud", "revenue", "revenue_base") if name in months]
    return months[kept].assign(quarter=months["month"] // 3, score=score, grade=grade)


def grade_of(score: pd.Series) -> pd.Series:
    """3.1"""
    return pd.cut(score, BOUNDS, right=False, labels=GRADES)


def money_of(grade: pd.Series, amounts: dict[str, int]) -> pd.Series:
    """3.2; no grade earns nothing."""
    return grade.map(amounts).astype("float64").fillna(0).astype("int64")


def score_quarters(months: pd.DataFrame, recorded: pd.DataFrame, surveys: pd.DataFrame) -> pd.DataFrame:
    """3.1, 2.9 and 2.10: one row for everyone with a month or a quarter row."""
    in_mean = months["score"].mask(months["fraud"], months["score"].clip(upper=89))
    assessed = months.assign(in_mean=in_mean).groupby(PERSON_QUARTER)
    quarters = assessed.agg(months_assessed=("in_mean", "size"), mean=("in_mean", "mean")).reset_index()
    quarters = quarters.merge(recorded, on=PERSON_QUARTER, how="outer")
    quarters["months_assessed"] = quarters["months_assessed"].fillna(0).astype("int64")

    passed = surveys.assign(
        quarter=surveys["month"] // 3, points=5 * (surveys["satisfied"] * 100 >= surveys["sampled"] * 95)
    )
    points = passed.groupby(PERSON_QUARTER, as_index=False)["points"].sum()
    quarters = quarters.merge(points, on=PERSON_QUARTER, how="left")
    review = quarters["review"].fillna(0).clip(-3, 3)
    quarters["score"] = quarters["mean"] + review + quarters["points"].fillna(0)
    quarters["grade"] = grade_of(quarters["score"])

    if "revenue" in months:
        sums = assessed[["revenue", "revenue_base"]].sum(min_count=1).reset_index()
        quarters = quarters.merge(sums, on=PERSON_QUARTER, how="left", suffixes=("", "_of_months"))
        for name in ("revenue", "revenue_base"):
            quarters[name] = quarters[name].fillna(quarters[f"{name}_of_months"])
    last_month = months["month"].max()
    quarters["open"] = quarters["quarter"] * 3 + 2 > last_month
    return quarters[[*PERSON_QUARTER, "months_assessed", "score", "grade", "revenue", "revenue_base", "open"]]


def standings(quarters: pd.DataFrame) -> pd.DataFrame:
    """3.5, quarter by quarter for all people at once."""
    wide = quarters.assign(failed=quarters["grade"] == "E", assessed=quarters["grade"].notna())
    wide = wide.set_index(PERSON_QUARTER)[["failed", "assessed"]].unstack(fill_value=False)  # noqa: PD010 - no sums here
    still_open = quarters.groupby("quarter")["open"].any()
    observed = pd.Series(data=False, index=wide.index)
    left = observed.copy()
    run = observed.astype("int8")
    found = []
    for quarter in range(quarters["quarter"].min(), quarters["quarter"].max() + 1):
        standing = pd.Series("regular", index=wide.index, dtype=pd.CategoricalDtype(STANDINGS))
        standing = standing.mask(observed, "observation").mask(left, "left")
        rows = pd.DataFrame({"quarter": quarter, "standing": standing, "dismissal_due": False})
        if quarter in still_open.index and not still_open[quarter]:
            failed, assessed = wide["failed", quarter], wide["assessed", quarter]
            due = rows["dismissal_due"] = observed & failed
            run = (run + 1).where(failed, 0)
            left = left | due
            observed = (observed & ~assessed) | (~observed & ~left & failed & (run >= 2))
        found.append(rows.reset_index())
    return pd.concat(found, ignore_index=True)


def pay_quarters(quarters: pd.DataFrame) -> pd.DataFrame:
    """R1, 3.2 and 3.3."""
    paid = quarters["standing"] != "left"
    service = divide_half_up(money_of(quarters["grade"], QUARTERLY_BONUS) * quarters["months_assessed"], 3)
    excess = quarters["revenue"] - quarters["revenue_base"]
    revenue = divide_half_up(excess.fillna(0).astype("int64"), 8)
    service, revenue = service.where(paid, 0), revenue.where(paid, 0)
    payout = (service + revenue).clip(lower=0)
    return quarters.assign(
        excess=excess,
        service_bonus=service,
        revenue_bonus=revenue,
        payout=payout,
        penalty_not_applied=payout - (service + revenue),
    )


def divide_half_up(amount: pd.Series, divisor: int) -> pd.Series:
    """Round to the fen, a half away from zero."""
    rounded = (amount.abs() + divisor // 2) // divisor
    return rounded.where(amount >= 0, -rounded)


def years_of(months: pd.DataFrame, recorded: pd.DataFrame) -> pd.DataFrame:
    """3.2: the year's awards, and what they change in cash."""
    by_year = months.assign(year=months["month"] // 12).groupby(["staff_id", "year"], as_index=False)
    years = by_year["award"].sum().merge(recorded, on=["staff_id", "year"], how="left")
    service_award = years["award"]
    cash_effect = service_award.clip(lower=-years["other_year_end_bonus"].fillna(0)).astype("int64")
    return pd.DataFrame(
        {
            "staff_id": years["staff_id"],
            "year": years["year"],
            "service_award": service_award,
            "cash_effect": cash_effect,
        }
    )


def recognise(months: pd.DataFrame) -> pd.DataFrame:
    """3.4: who has the best score, and the best excess of revenue over its base."""
    shown = [
        name for name in months if name in ("staff_id", "month", "score", "fraud", "excess", "revenue", "revenue_base")
    ]
    here = months.loc[months["standing"] != "left", shown]
    excess = here["excess"] / 3
    if "revenue" in here:
        excess = (here["revenue"] - here["revenue_base"]).fillna(excess)
    measures = {"service": here["score"].mask(here["fraud"]), "revenue": excess}
    named = []
    for measure, value in measures.items():
        best = here[value == value.groupby(here["month"]).transform("max")]
        named.append(best[["month", "staff_id"]].assign(measure=measure))
    return pd.concat(named, ignore_index=True)[["month", "measure", "staff_id"]]
