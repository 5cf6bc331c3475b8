"""Random data and policies for the tests, from a seed, and their way into the package."""

import datetime
import random

import pandas as pd
from oracle import add_months, months_of, quarter_of

import cmpolicy as cm
from cmpolicy.regulation.readings import READINGS

USERS = ["broadband_gained", "broadband_lost", "maintained_gained", "maintained_lost"]
STANDARDS = [f"{group}_{letter}" for group in ("acceptance", "installation", "fault") for letter in "abc"]
COUNTS = [*USERS, *STANDARDS, "complaints", "praises", "unreported_complaints"]


def month_row(staff_id, month, **counts):
    return {"staff_id": staff_id, "month": month} | dict.fromkeys(COUNTS, 0) | {"fraud": False} | counts


def random_policy(rng, *, settled=()):
    """Give a policy file's content; readings in `settled` keep their default."""
    content = cm.load_policy("2007-06").to_dict()
    grades = rng.randint(2, 7)
    bounds = sorted(rng.sample(range(85, 125), grades - 1), reverse=True)
    names = rng.sample("ABCDEFGHKLMXYZ", grades)
    content["grades"] = [
        {
            "grade": name,
            "quarterly_bonus": rng.randint(0, 300_000) / 100,
            "monthly_award": rng.randint(-30_000, 30_000) / 100,
        }
        for name in names
    ]
    for row, bound in zip(content["grades"], bounds, strict=False):
        row["from"] = bound
    content["points"] = {name: value + rng.choice((-1, 0, 0, 1)) for name, value in content["points"].items()}
    content["review"] = {"limit": rng.randint(0, 4)}
    content["survey"] = {"threshold": rng.choice((0.9, 0.95, 0.8333, 1)), "points": rng.randint(0, 6)}
    content["revenue"] = {"rate": rng.choice((0.25, 0.3333, 0.1)), "manager_share": rng.choice((0.5, 0.0625, 1))}
    content["standing"] = {"e_quarters": rng.randint(1, 3)}
    content["probation"]["months"] = rng.randint(0, 6)
    for setting, options in READINGS.items():
        if setting not in settled and rng.random() < 0.6:
            content["readings"][setting] = rng.choice(list(options.__members__))
    return content


def random_data(rng):
    start = 12 * rng.randint(2022, 2024) + rng.randint(0, 11)
    span = rng.randint(3, 30)
    months = [((start + place) // 12, (start + place) % 12 + 1) for place in range(span)]
    quarters = sorted({quarter_of(month) for month in months})
    revenue_in = rng.choice(("quarters", "months", "both", "nowhere", "quarters"))
    highest = rng.choice((3, 3, 3, 8, 127, 300))
    data = {"staff": [], "months": [], "quarters": [], "surveys": [], "years": []}
    for number in range(rng.randint(5, 60)):
        one = f"S{number:03d}"
        joined = datetime.date(*months[0], 1) - datetime.timedelta(days=rng.randint(-200, 400))
        left = joined + datetime.timedelta(days=rng.randint(100, 900)) if rng.random() < 0.2 else None
        confirmed = add_months(joined, rng.randint(1, 5)) if rng.random() < 0.4 else None
        data["staff"].append({"staff_id": one, "hire_date": joined, "leave_date": left, "confirmed_on": confirmed})
        bad = rng.random()
        for month in months:
            first = datetime.date(*month, 1)
            if add_months(first, 1) <= joined or (left and first > left) or rng.random() < 0.08:
                continue
            row = month_row(one, month, fraud=rng.random() < 0.03)
            for name in COUNTS:
                if rng.random() < 0.35:
                    good = name.endswith("gained") or name == "praises"
                    row[name] = rng.randint(0, 3) if rng.random() < (bad if good else 1 - bad) else 0
                    if rng.random() < 0.02:
                        row[name] = rng.randint(0, highest)
            if revenue_in in ("months", "both") and rng.random() < 0.9:
                row |= {"revenue": rng.randint(0, 90_000) * 7, "revenue_base": rng.randint(0, 90_000) * 7}
            data["months"].append(row)
        for quarter in quarters:
            days = [datetime.date(*month, 1) for month in months_of(quarter)]
            if add_months(days[-1], 1) <= joined or (left and days[0] > left) or rng.random() < 0.1:
                continue
            row = {"staff_id": one, "quarter": quarter}
            for name in ("review", "review_supervisor", "review_manager"):
                row[name] = rng.randint(-3, 3) if rng.random() < 0.6 else None
            if revenue_in in ("quarters", "both") and rng.random() < 0.9:
                row |= {
                    "revenue": rng.randint(0, 3_000_000),
                    "revenue_base": rng.choice((0, rng.randint(0, 3_000_000))),
                }
            data["quarters"].append(row)
            for _ in range(rng.choice((0, 0, 1, 1, 2))):
                sampled = rng.randint(1, 40)
                satisfied = max(0, sampled - rng.choice((0, 0, 1, 2, 5)))
                month = rng.choice(months_of(quarter))
                data["surveys"].append({"staff_id": one, "month": month, "sampled": sampled, "satisfied": satisfied})
        for year in {month[0] for month in months}:
            if rng.random() < 0.7:
                data["years"].append({"staff_id": one, "year": year, "other_year_end_bonus": rng.randint(0, 90_000)})
    if not data["months"]:
        data["months"].append(month_row("S000", months[-1]))
        data["staff"] = []
    return data


def frames_of(data):
    """Turn rows of the oracle into DataFrames as a user has them: text periods, money in yuan."""
    frames = {}
    for table, rows in data.items():
        if not rows:
            continue
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {name: [_cell(name, row.get(name)) for row in rows] for name in names}
        frames[table] = pd.DataFrame(columns)
    return frames


def _cell(name, value):
    if value is None:
        return None
    if name == "month":
        return f"{value[0]}-{value[1]:02d}"
    if name == "quarter":
        return f"{value[0]}-Q{value[1]}"
    if name in ("revenue", "revenue_base", "other_year_end_bonus"):
        return value / 100
    return value


def staff_data(data):
    return cm.StaffData.from_frames(frames_of(data))


def case(seed, **options):
    rng = random.Random(seed)
    return random_data(rng), random_policy(rng, **options)
