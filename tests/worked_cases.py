"""The worked examples as data: from a case to rows of the oracle's tables, and what must come out."""

from fractions import Fraction
from pathlib import Path

from random_cases import month_row
from ruamel.yaml import YAML

import cmpolicy as cm

LATER = {"WE-39", "WE-40", "WE-41"}  # compliance and people cost: tests/insight
WAGES = {"first_month_wage", "festival"}  # probation pay: tests/regulation/test_probation.py
CONTENT = YAML(typ="safe", pure=True).load((Path(__file__).parent / "worked-examples.yaml").read_text(encoding="utf-8"))
YEAR = 2025


def cases(kinds=None):
    """Give (id, case, changed settings, what is expected) for the default and every alternative."""
    found = []
    for entry in CONTENT["cases"]:
        if entry["id"] in LATER or (entry["kind"] in WAGES) != (kinds == WAGES):
            continue
        found.append((entry["id"], entry, {}, entry["expect"]))
        for alt in entry.get("alt", []):
            name = f"{entry['id']}-{'-'.join(map(str, alt['set'].values()))}"
            found.append((name, entry, alt["set"], alt["expect"]))
    return found


def policy_of(settings):
    return cm.load_policy("2007-06").with_changes({f"readings.{name}": option for name, option in settings.items()})


def fen(text):
    return int(Fraction(text) * 100)


def scoring(staff_id, month, score, **more):
    """Make a month whose events add up to a score."""
    above = score - 100
    if above >= 0:
        gained = -(-above // 3)
        row = month_row(staff_id, month, broadband_gained=gained + 2 * ((3 * gained - above) % 2))
        row["broadband_lost"] = (3 * row["broadband_gained"] - above) // 2
        if (3 * row["broadband_gained"] - above) % 2:
            row["broadband_gained"] += 1
            row["broadband_lost"] = (3 * row["broadband_gained"] - above) // 2
    else:
        gained = (-above) % 2
        row = month_row(staff_id, month, broadband_gained=gained, broadband_lost=(3 * gained - above) // 2)
    assert 3 * row["broadband_gained"] - 2 * row["broadband_lost"] == above
    return row | more


def data_of(case):
    """Turn a case into the tables of the oracle; the first quarter is 2025-Q1."""
    given, kind = case["in"], case["kind"]
    months = [(YEAR + place // 12, place % 12 + 1) for place in range(36)]
    quarters = [(YEAR + place // 4, place % 4 + 1) for place in range(12)]
    data = {"months": [], "quarters": [], "surveys": [], "years": []}
    if kind == "month":
        row = month_row("m1", months[0])
        for group in ("acceptance", "installation", "fault"):
            failed = given.get(f"{group}_orders_failed", {})
            for letter in given.get(f"{group}_unmet", []):
                row[f"{group}_{letter.lower()}"] = failed.get(letter, 1)
        names = {"unreported": "unreported_complaints"}
        row |= {names.get(name, name): value for name, value in given.items() if names.get(name, name) in row}
        data["months"].append(row)
    elif kind == "quarter":
        for place, score in enumerate(given["month_scores"]):
            if score is not None:
                fraud = place + 1 in given.get("fraud_months", [])
                data["months"].append(scoring("m1", months[place], score, fraud=fraud))
        if "review" in given:
            review = given["review"]
            data["quarters"].append(
                {
                    "staff_id": "m1",
                    "quarter": quarters[0],
                    "review": review["joint"],
                    "review_supervisor": review["park_supervisor"],
                    "review_manager": review["dept_manager"],
                }
            )
        for survey in given.get("surveys", []):
            month = months[survey["month"] - 1]
            data["surveys"].append(
                {"staff_id": "m1", "month": month} | {k: survey[k] for k in ("sampled", "satisfied")}
            )
    elif kind == "payout":
        grades = {"2500.00": 110, "2000.00": 100, "1500.00": 95, "1000.00": 90, "0.00": 80}
        score = grades[given["service_bonus"]]
        data["months"] = [scoring("m1", month, score) for month in months[:3]]
        figures = {"revenue": fen(given["revenue"]), "revenue_base": fen(given["base"])}
        data["quarters"].append({"staff_id": "m1", "quarter": quarters[0]} | figures)
    elif kind == "annual":
        scores = {"A": 110, "B": 100, "C": 95, "D": 90, "E": 80}
        data["months"] = [
            scoring("m1", month, scores[g]) for month, g in zip(months, given["month_grades"], strict=False)
        ]
        other = fen(given["other_year_end_bonus"])
        data["years"].append({"staff_id": "m1", "year": YEAR, "other_year_end_bonus": other})
    elif kind == "sequence":
        scores = {"A": 110, "B": 100, "C": 95, "D": 90, "E": 80}
        for place, grade in enumerate(given["quarter_grades"]):
            data["months"] += [scoring("m1", months[3 * place + number], scores[grade]) for number in range(3)]
    elif kind == "team_sequence":
        for one, scores in given["scores"].items():
            for place, score in enumerate(scores):
                data["months"] += [scoring(one, months[3 * place + number], score) for number in range(3)]
    elif kind == "recognition":
        for one, score in given["scores"].items():
            base = fen(given["revenue_base"][one])
            figures = {"revenue": base + fen(given["revenue_excess"][one]), "revenue_base": base}
            data["months"].append(scoring(one, months[0], score) | figures)
    return {table: rows for table, rows in data.items() if rows}


def check(case, expected, tables):
    """Hold the oracle-shaped tables (exact values) of a case against what is expected."""
    kind = case["kind"]
    months, quarters, years = tables["months"], tables["quarters"], tables["years"]
    if kind == "month":
        assert months[0]["score"] == expected["score"]
        assert months[0]["grade"] == expected["grade"]
        assert months[0]["award"] == fen(expected["award"])
    elif kind == "quarter":
        quarter = quarters[0]
        assert quarter["score"] == (None if expected["score"] is None else Fraction(expected["score"]))
        assert quarter["grade"] == expected["grade"]
        assert quarter["service_bonus"] == fen(expected["service_bonus"])
        assert [row["grade"] for row in months] == [grade for grade in expected["month_grades"] if grade]
        assert sum(row["award"] for row in months) == fen(expected["month_award_sum"])
    elif kind == "payout":
        for column in ("revenue_bonus", "payout", "penalty_not_applied"):
            assert quarters[0][column] == fen(expected[column])
    elif kind == "annual":
        assert years[0]["service_award"] == fen(expected["award"])
        assert years[0]["cash_effect"] == fen(expected["cash_effect"])
    elif kind == "sequence":
        assert [row["standing"] for row in quarters] == expected["status"]
        due = [place for place, row in enumerate(quarters, start=1) if row["dismissal_due"]]
        assert due == ([expected["dismissed_after"]] if expected["dismissed_after"] else [])
    elif kind == "team_sequence":
        observed = {}
        for row in quarters:
            if row["standing"] == "observation":
                observed.setdefault(row["staff_id"], []).append(row["quarter"][1])
        assert observed == expected["observed"]
        assert [row["staff_id"] for row in quarters if row["dismissal_due"]] == expected["dismissed"]
    elif kind == "recognition":
        for measure, names in expected.items():
            assert [row["staff_id"] for row in tables["recognition"] if row["measure"] == measure] == names


def tables_of(outcome):
    """Give an outcome of the package in the oracle's shape."""
    tables = {}
    for name in ("months", "quarters", "years", "recognition"):
        columns = outcome.exact(name)
        rows = [
            dict(zip(columns, values, strict=True))
            for values in zip(*(c.tolist() for c in columns.values()), strict=True)
        ]
        for row in rows:
            if "quarter" in row:
                row["quarter"] = (row["quarter"] // 4, row["quarter"] % 4 + 1)
                row["score"] = None if row["grade"] == "" else Fraction(row["score"], 6)
                row["grade"] = row["grade"] or None
        tables[name] = rows
    return tables


__all__ = ["WAGES", "cases", "check", "data_of", "policy_of", "tables_of"]
