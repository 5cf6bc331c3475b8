"""The enacted regulation row by row with DataFrame.apply, as a first script does it: the other yardstick.

Tables in and out are those of `with_pandas`.
"""

import math

import pandas as pd

STANDARDS = [f"{group}_{letter}" for group in ("acceptance", "installation", "fault") for letter in "abc"]
QUARTERLY_BONUS = {"A": 250_000, "B": 200_000, "C": 150_000, "D": 100_000, "E": 0, "": 0}
MONTHLY_AWARD = {"A": 20_000, "B": 10_000, "C": 0, "D": -10_000, "E": -20_000}
PERSON_QUARTER = ["staff_id", "quarter"]
RECORDED = ["review", "review_supervisor", "review_manager", "revenue", "revenue_base", "paid", "excess"]


def appraise(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Give the tables months, quarters, years and recognition; money in fen, a quarter's score in points."""
    months = tables["months"].assign(quarter=tables["months"]["month"] // 3)
    months[["score", "grade"]] = months.apply(score_month, axis=1, result_type="expand")

    assessed = dict(iter(months.groupby(PERSON_QUARTER)))
    surveys = tables["surveys"].assign(quarter=tables["surveys"]["month"] // 3)
    surveys = dict(iter(surveys.groupby(PERSON_QUARTER)))
    quarters = months[PERSON_QUARTER].drop_duplicates().merge(tables["quarters"], on=PERSON_QUARTER, how="outer")
    quarters = quarters.sort_values(PERSON_QUARTER, ignore_index=True)
    quarters = quarters.join(quarters.apply(score_quarter, axis=1, args=(assessed, surveys), result_type="expand"))
    quarters["open"] = quarters["quarter"] * 3 + 2 > months["month"].max()
    people: dict[int, Person] = {}
    quarters = quarters.join(quarters.apply(stand, axis=1, args=(people,), result_type="expand"))
    quarters = quarters.join(quarters.apply(pay_quarter, axis=1, result_type="expand"))

    of_quarter = quarters.set_index(PERSON_QUARTER)[["standing", "excess"]].to_dict("index")
    months = months.join(months.apply(pay_month, axis=1, args=(of_quarter,), result_type="expand"))
    return {
        "months": months[["staff_id", "month", "score", "grade", "award"]],
        "quarters": quarters.drop(columns=RECORDED, errors="ignore"),
        "years": years_of(months, tables["years"]),
        "recognition": recognise(months),
    }


class Person:
    """What 3.5 remembers of a person from quarter to quarter."""

    def __init__(self) -> None:
        self.standing = "regular"
        self.run = 0
        self.next_quarter = 0


def score_month(row: pd.Series) -> dict[str, object]:
    """2.1-2.8 and 3.1."""
    score = 100
    score += 3 * (row["broadband_gained"] + row["maintained_gained"])
    score -= 2 * (row["broadband_lost"] + row["maintained_lost"])
    for standard in STANDARDS:
        if row[standard] > 0:
            score -= 2
    score += 3 * row["praises"] - 3 * row["complaints"] - 5 * row["unreported_complaints"]
    return {"score": score, "grade": "E" if row["fraud"] else grade_of(score)}


def grade_of(score: float) -> str:
    """3.1"""
    for grade, bound in {"A": 110, "B": 100, "C": 95, "D": 90}.items():
        if score >= bound:
            return grade
    return "E"


def score_quarter(row: pd.Series, assessed: dict, surveys: dict) -> dict[str, object]:
    """3.1, 2.9, 2.10 and the revenue of R1."""
    key = (row["staff_id"], row["quarter"])
    months = assessed.get(key)
    scored = {"months_assessed": 0, "score": math.nan, "grade": "", "excess": row["revenue"] - row["revenue_base"]}
    if months is None:
        return scored
    if math.isnan(scored["excess"]) and "revenue" in months:
        recorded = months.dropna(subset="revenue")
        if len(recorded):
            scored["excess"] = recorded["revenue"].sum() - recorded["revenue_base"].sum()
    score = months.apply(lambda month: min(month["score"], 89) if month["fraud"] else month["score"], axis=1).mean()
    if not math.isnan(row["review"]):
        score += max(-3, min(row["review"], 3))
    if key in surveys:
        for survey in surveys[key].to_dict("records"):
            if survey["satisfied"] * 100 >= survey["sampled"] * 95:
                score += 5
    return scored | {"months_assessed": len(months), "score": score, "grade": grade_of(score)}


def stand(row: pd.Series, people: dict[int, Person]) -> dict[str, object]:
    """3.5; a quarter without a row or a grade ends a run of E, but not an observation."""
    person = people.setdefault(row["staff_id"], Person())
    if row["quarter"] != person.next_quarter:
        person.run = 0
    person.next_quarter = row["quarter"] + 1
    found = {"standing": person.standing, "dismissal_due": False}
    if row["open"] or person.standing == "left":
        return found
    failed = row["grade"] == "E"
    if person.standing == "observation":
        if failed:
            found["dismissal_due"] = True
            person.standing = "left"
        elif row["grade"]:
            person.standing = "regular"
        person.run = 0
    else:
        person.run = person.run + 1 if failed else 0
        if person.run >= 2:
            person.standing = "observation"
    return found


def pay_quarter(row: pd.Series) -> dict[str, int]:
    """R1, 3.2 and 3.3."""
    service, revenue = 0, 0
    if row["standing"] != "left":
        service = divide_half_up(QUARTERLY_BONUS[row["grade"]] * row["months_assessed"], 3)
        if not math.isnan(row["excess"]):
            revenue = divide_half_up(int(row["excess"]), 8)
    payout = max(service + revenue, 0)
    return {
        "service_bonus": service,
        "revenue_bonus": revenue,
        "payout": payout,
        "penalty_not_applied": payout - (service + revenue),
    }


def divide_half_up(amount: int, divisor: int) -> int:
    """Round to the fen, a half away from zero."""
    rounded = (abs(amount) + divisor // 2) // divisor
    return rounded if amount >= 0 else -rounded


def pay_month(row: pd.Series, of_quarter: dict) -> dict[str, object]:
    """3.2, and what 3.4 compares: a month's own excess of revenue, else a third of its quarter's."""
    quarter = of_quarter[row["staff_id"], row["quarter"]]
    excess = quarter["excess"] / 3
    if "revenue" in row and not math.isnan(row["revenue"]):
        excess = row["revenue"] - row["revenue_base"]
    left = quarter["standing"] == "left"
    return {"award": 0 if left else MONTHLY_AWARD[row["grade"]], "left": left, "excess": excess}


def years_of(months: pd.DataFrame, recorded: pd.DataFrame) -> pd.DataFrame:
    """3.2: the year's awards, and what they change in cash."""
    other = recorded.set_index(["staff_id", "year"])["other_year_end_bonus"].dropna().to_dict()
    years = months.assign(year=months["month"] // 12).groupby(["staff_id", "year"], as_index=False)["award"].sum()
    years = years.rename(columns={"award": "service_award"})
    years["cash_effect"] = years.apply(
        lambda row: max(row["service_award"], -int(other.get((row["staff_id"], row["year"]), 0))), axis=1
    )
    return years


def recognise(months: pd.DataFrame) -> pd.DataFrame:
    """3.4: who has the best score, and the best excess of revenue over its base."""
    named = []
    for month, rows in months[~months["left"]].groupby("month"):
        for measure, column in (("service", rows["score"][~rows["fraud"]]), ("revenue", rows["excess"])):
            best = rows["staff_id"][column.index][column == column.max()]
            named += [{"month": month, "measure": measure, "staff_id": staff_id} for staff_id in best]
    return pd.DataFrame(named, columns=["month", "measure", "staff_id"])
