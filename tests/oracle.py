"""The regulation once more, for the tests: literal, person by person, in exact fractions, slow.

It shares no code with the package. Data are rows (dicts) by table; a month is (year, month), money is fen, an absent
value is None or missing. A policy is the content of a policy file.
"""

import datetime
from fractions import Fraction
from math import floor


def half_up(value):
    """Round to an integer, a half away from zero."""
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def fen(yuan):
    return int(Fraction(str(yuan)) * 100)


def exact(value):
    return Fraction(str(value))


def quarter_of(month):
    return (month[0], (month[1] - 1) // 3 + 1)


def months_of(quarter):
    return [(quarter[0], 3 * (quarter[1] - 1) + place) for place in (1, 2, 3)]


def next_quarter(quarter):
    return (quarter[0], quarter[1] + 1) if quarter[1] < 4 else (quarter[0] + 1, 1)


def add_months(day, months):
    number = 12 * day.year + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    last = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
    return datetime.date(year, month, min(day.day, last))


class Rules:
    def __init__(self, policy):
        self.policy = policy
        self.reading = policy["readings"]
        self.names = [row["grade"] for row in policy["grades"]]
        self.bounds = [row["from"] for row in policy["grades"][:-1]]
        self.bonus = {row["grade"]: fen(row["quarterly_bonus"]) for row in policy["grades"]}
        self.award = {row["grade"]: fen(row["monthly_award"]) for row in policy["grades"]}

    def band(self, score):
        """3.1"""
        if self.reading["band_rule"] == "round_half_up":
            score = floor(score + Fraction(1, 2))
        for name, bound in zip(self.names, self.bounds, strict=False):
            if score >= bound:
                return name
        return self.names[-1]

    def survey(self, row):
        """2.10"""
        enough = Fraction(row["satisfied"], row["sampled"]) >= exact(self.policy["survey"]["threshold"])
        return self.policy["survey"]["points"] if enough else 0

    def month_score(self, row, surveys):
        """2.1-2.8"""
        points = self.policy["points"]
        score = points["base"]
        for users in ("broadband", "maintained"):
            gained, lost = row[f"{users}_gained"], row[f"{users}_lost"]
            if self.reading["user_count"] == "net":
                net = gained - lost
                gained, lost = (net, 0) if net > 0 else (0, -net)
            score += points[f"{users}_gained"] * gained + points[f"{users}_lost"] * lost
        for group in ("acceptance", "installation", "fault"):
            orders = [row[f"{group}_{letter}"] for letter in "abc"]
            times = {
                "per_criterion": sum(1 for number in orders if number),
                "per_group": 1 if any(orders) else 0,
                "per_order": sum(orders),
            }[self.reading["criteria_basis"]]
            score += points[group] * times
        for event in ("complaints", "praises", "unreported_complaints"):
            score += points[event] * row[event]
        if self.reading["survey_target"] == "survey_month":
            score += sum(self.survey(survey) for survey in surveys)
        return score

    def review(self, row):
        """2.9"""
        limit = self.policy["review"]["limit"]

        def clip(value):
            return max(-limit, min(limit, value or 0))

        if self.reading["review_adjust"] == "each":
            return clip(row.get("review_supervisor")) + clip(row.get("review_manager"))
        return clip(row.get("review"))


def appraise(data, versions):
    """Give the tables months, quarters, years and recognition as lists of rows with exact values."""
    versions = versions if isinstance(versions, list) else [versions]
    dated = sorted(versions, key=lambda policy: policy["effective_from"])

    def rules_of(quarter):
        if len(dated) == 1:
            return Rules(dated[0])
        first = datetime.date(quarter[0], 3 * quarter[1] - 2, 1)
        return Rules([policy for policy in dated if policy["effective_from"] <= first][-1])

    months = {(row["staff_id"], row["month"]): row for row in data["months"]}
    quarters = {(row["staff_id"], row["quarter"]): row for row in data.get("quarters", [])}
    years = {(row["staff_id"], row["year"]): row for row in data.get("years", [])}
    staff = {row["staff_id"]: row for row in data.get("staff", [])}
    surveys = {}
    for row in data.get("surveys", []):
        surveys.setdefault((row["staff_id"], row["month"]), []).append(row)
    people = list(staff)
    for table in ("months", "quarters", "surveys", "years"):
        people += [row["staff_id"] for row in data.get(table, []) if row["staff_id"] not in people]
    last_month = max(month for _, month in months)
    seen = [quarter_of(month) for _, month in months] + [quarter for _, quarter in quarters]
    first, last = min(seen), max(seen)
    span = [first]
    while span[-1] != last:
        span.append(next_quarter(span[-1]))
    rules = {quarter: rules_of(quarter) for quarter in span}

    out = {"months": [], "quarters": [], "years": [], "recognition": []}
    month_out, quarter_out = {}, {}
    for person in people:
        for quarter in span:
            rule = rules[quarter]
            for month in months_of(quarter):
                row = months.get((person, month))
                if row is None:
                    continue
                score = rule.month_score(row, surveys.get((person, month), []))
                grade = rule.names[-1] if row["fraud"] else rule.band(score)
                month_out[person, month] = {"staff_id": person, "month": month, "score": score, "grade": grade}
            present = [month for month in months_of(quarter) if (person, month) in months]
            if not present and (person, quarter) not in quarters:
                continue
            quarter_out[person, quarter] = score_quarter(rule, person, quarter, months, month_out, quarters, surveys)

    lowest = {}
    for (_, quarter), row in quarter_out.items():
        if row["score"] is not None:
            lowest[quarter] = min(row["score"], lowest.get(quarter, row["score"]))

    for person in people:
        stand_and_pay(person, span, rules, last_month, lowest, months, month_out, quarters, quarter_out, staff)

    out["months"] = [month_out[key] for key in ordered(month_out, people)]
    out["quarters"] = [quarter_out[key] for key in ordered(quarter_out, people)]
    for person in people:
        for year in sorted({month[0] for one, month in months if one == person}):
            award = sum(row["award"] for (one, month), row in month_out.items() if one == person and month[0] == year)
            other = years.get((person, year), {}).get("other_year_end_bonus") or 0
            settled = rules[max(quarter for quarter in span if quarter[0] == year)]
            signed = settled.reading["annual_negative"] == "signed"
            effect = award if signed else max(award, -other)
            out["years"].append({"staff_id": person, "year": year, "service_award": award, "cash_effect": effect})
    for quarter in span:
        for month in months_of(quarter):
            out["recognition"] += recognise(rules[quarter], month, quarter, people, months, month_out, quarter_out)
    return out


def ordered(rows, people):
    place = {person: number for number, person in enumerate(people)}
    return sorted(rows, key=lambda key: (place[key[0]], key[1]))


def score_quarter(rule, person, quarter, months, month_out, quarters, surveys):
    reading = rule.reading
    counted, assessed, fraud_found = [], 0, False
    for month in months_of(quarter):
        row = months.get((person, month))
        if row is None:
            continue
        assessed += 1
        score = month_out[person, month]["score"]
        if row["fraud"]:
            fraud_found = True
            match reading["fraud_score"]:
                case "cap_below_D" | "quarter_E":
                    score = min(score, rule.bounds[-1] - 1)
                case "zero":
                    score = 0
                case "exclude":
                    continue
        counted.append(score)
    result = {"staff_id": person, "quarter": quarter, "months_assessed": assessed, "score": None, "grade": None}
    enough = assessed == 3 if reading["missing_months"] == "require_three" else True
    if counted and enough:
        score = Fraction(sum(counted), len(counted)) + rule.review(quarters.get((person, quarter), {}))
        if reading["survey_target"] == "quarter_score":
            for month in months_of(quarter):
                score += sum(rule.survey(row) for row in surveys.get((person, month), []))
        result["score"] = score
        result["grade"] = rule.band(score)
        if fraud_found and reading["fraud_score"] == "quarter_E":
            result["grade"] = rule.names[-1]
    return result


def stand_and_pay(person, span, rules, last_month, lowest, months, month_out, quarters, quarter_out, staff):
    standing, run, marked, carried = "regular", 0, False, 0
    for quarter in span:
        rule, row = rules[quarter], quarter_out.get((person, quarter))
        reading = rule.reading
        is_open = months_of(quarter)[-1] > last_month
        grade = row["grade"] if row else None
        if reading["elimination_rule"] == "lowest_scorer":
            failed = bool(row) and row["score"] is not None and row["score"] == lowest[quarter]
        else:
            failed = grade == rule.names[-1]
        due = standing == "observation" and failed and not is_open
        if row:
            row |= {"standing": standing, "dismissal_due": due, "open": is_open}
            carried = pay_quarter(rule, person, quarter, row, carried, months, quarters, staff)
            for month in months_of(quarter):
                if (person, month) in month_out:
                    pay_month(rule, person, month, standing, month_out, staff)
        if due and reading["revenue_below_base"] == "carried":
            carried = 0
        if is_open or standing == "left":
            continue
        if standing == "observation":
            if due:
                standing = "left"
            elif grade is not None:
                standing, run = "regular", 0
                marked = reading["observation_survived"] == "no_reset"
        elif grade is None:
            if reading["unassessed_quarter"] == "breaks_run":
                run = 0
        elif failed:
            run += 1
            if marked or run >= rule.policy["standing"]["e_quarters"]:
                standing = "observation"
        else:
            run = 0


def on_probation(rule, person, month, staff):
    row = staff.get(person, {})
    end = row.get("confirmed_on")
    if end is None and row.get("hire_date"):
        end = add_months(row["hire_date"], rule.policy["probation"]["months"])
    return end is not None and datetime.date(*month, 1) < end


def stops(rule, standing):
    return standing == "left" and rule.reading["after_dismissal"] == "stop"


def pay_month(rule, person, month, standing, month_out, staff):
    row = month_out[person, month]
    award = rule.award[row["grade"]]
    if rule.reading["probation_bonus"] == "none" and (
        standing == "observation" or on_probation(rule, person, month, staff)
    ):
        award = 0
    row["award"] = 0 if stops(rule, standing) else award
    row["left"] = stops(rule, standing)


def pay_quarter(rule, person, quarter, row, carried, months, quarters, staff):
    """R1, 3.2, 3.3; gives what is carried on."""
    reading = rule.reading
    present = [month for month in months_of(quarter) if (person, month) in months]
    paid = present
    if reading["probation_bonus"] == "none":
        paid = [month for month in present if not on_probation(rule, person, month, staff)]
    service = Fraction(rule.bonus[row["grade"]]) if row["grade"] is not None else Fraction(0)
    if reading["missing_months"] == "mean_present_prorated":
        service = service * len(paid) / 3
    if reading["probation_bonus"] == "none" and row["standing"] == "observation":
        service = Fraction(0)
    own = quarters.get((person, quarter), {})
    revenue, base = own.get("revenue"), own.get("revenue_base")
    if revenue is None:
        recorded = [months[person, month] for month in present if months[person, month].get("revenue") is not None]
        if recorded:
            revenue = sum(one["revenue"] for one in recorded)
            base = sum(one["revenue_base"] for one in recorded)
    row["excess"] = None if revenue is None else revenue - base
    row["figures"] = None if revenue is None else (revenue, base)
    bonus = Fraction(0)
    if revenue is not None:
        share = exact(rule.policy["revenue"]["rate"]) * exact(rule.policy["revenue"]["manager_share"])
        bonus = (revenue - base) * share
    if reading["revenue_below_base"] == "zero":
        bonus = max(bonus, 0)
    if reading["revenue_below_base"] == "carried":
        bonus -= carried
    service, bonus = half_up(service), half_up(bonus)
    if stops(rule, row["standing"]):
        service, bonus = 0, 0
    payout = service + bonus if reading["payout_floor"] == "none" else max(0, service + bonus)
    row |= {"service_bonus": service, "revenue_bonus": bonus, "payout": payout}
    row["penalty_not_applied"] = payout - (service + bonus)
    # Only a quarter under this reading hands its rest on; under another one, what was carried so far waits.
    return row["penalty_not_applied"] if reading["revenue_below_base"] == "carried" else carried


def recognise(rule, month, quarter, people, months, month_out, quarter_out):
    """3.4"""
    here = [one for one in people if (one, month) in months and not month_out[one, month]["left"]]
    honest = [one for one in here if not months[one, month]["fraud"]]
    scores = {one: month_out[one, month]["score"] for one in honest}
    figures = {}
    for one in here:
        own = months[one, month]
        if own.get("revenue") is not None:
            figures[one] = (Fraction(own["revenue"]), Fraction(own["revenue_base"]))
        elif quarter_out[one, quarter]["figures"] is not None:
            revenue, base = quarter_out[one, quarter]["figures"]
            figures[one] = (Fraction(revenue, 3), Fraction(base, 3))
    if rule.reading["best_revenue_metric"] == "attainment":
        values = {one: revenue / base for one, (revenue, base) in figures.items() if base > 0}
    else:
        values = {one: revenue - base for one, (revenue, base) in figures.items()}

    def best(of):
        return [one for one in people if one in of and of[one] == max(of.values())]

    service, revenue = best(scores), best(values)
    named = [("service", one) for one in service] + [("revenue", one) for one in revenue]
    if rule.reading["best_rule"] == "both_measures":
        named = [("both", one) for one in service if one in revenue]
    return [{"month": month, "measure": measure, "staff_id": one} for measure, one in named]
