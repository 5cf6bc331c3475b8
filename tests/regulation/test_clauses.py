"""The clauses and readings of the rule book: each has its text, its rule and its values, and nothing more."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest

import cmpolicy as cm
import cmpolicy.regulation
from cmpolicy.regulation.clauses import clause_numbers
from cmpolicy.regulation.policy import clause_of
from cmpolicy.regulation.readings import READINGS, Readings

# Section 1: every clause, with the rules that compute it.
CLAUSES = {
    "R1": {"revenue_bonus"},
    "2.1": {"starting_points"},
    "2.2": {"broadband_points"},
    "2.3": {"maintained_points"},
    "2.4": {"acceptance_points"},
    "2.5": {"installation_points"},
    "2.6": {"fault_points"},
    "2.7": {"complaint_points"},
    "2.8": {"unreported_points"},
    "2.9": {"review_points"},
    "2.10": {"survey_points"},
    "3.1": {
        "grade_of",
        "month_grade",
        "score_in_mean",
        "counts_in_mean",
        "mean_in_sixths",
        "quarter_score",
        "has_score",
        "quarter_grade",
    },
    "3.2": {"service_bonus", "month_award", "cash_effect", "month_is_paid"},
    "3.3": {"quarter_payout", "penalty_not_applied", "penalty_carried"},
    "3.4": {"best_of", "best_revenue"},
    "3.5": {"dismissal_due", "is_lowest", "next_run", "next_standing", "grade_paid", "revenue_paid"},
    "P1": {"on_probation"},
    "P2": {"planned_end"},
    "P(1)1": {"day_wage", "days_paid", "first_month_pay"},
    "P(1)2": {"festival_allowance"},
    "P(1)3": {"protection_goods_as_regular"},
    "P(2)": {"leave_in_probation"},
}
SECOND_COPY = {"P(1)3", "P(2)"}

# Section 4: id, setting, options with the default first.
READINGS_TABLE = [
    ("A02", "user_count", ["gross", "net"]),
    ("A05", "criteria_basis", ["per_criterion", "per_group", "per_order"]),
    ("A10", "review_adjust", ["joint", "each"]),
    ("A12", "survey_target", ["quarter_score", "survey_month"]),
    ("A16", "band_rule", ["lower_bound", "round_half_up"]),
    ("A18", "fraud_score", ["cap_below_D", "keep", "zero", "exclude", "quarter_E"]),
    ("A21", "missing_months", ["mean_present_prorated", "mean_present_full", "require_three"]),
    ("A24", "probation_bonus", ["paid", "none"]),
    ("A27", "revenue_below_base", ["signed", "zero", "carried"]),
    ("A28", "payout_floor", ["zero", "none"]),
    ("A31", "annual_negative", ["offset_year_end_only", "signed"]),
    ("A33", "best_rule", ["per_measure", "both_measures"]),
    ("A34", "best_revenue_metric", ["excess", "attainment"]),
    ("A35", "elimination_rule", ["grade_E", "lowest_scorer"]),
    ("A36", "unassessed_quarter", ["breaks_run", "skipped"]),
    ("A38", "observation_survived", ["reset", "no_reset"]),
    ("A41", "day_divisor", ["exclude_weekly_rest", "exclude_all_days_off", "statutory_21_75", "calendar_days"]),
    ("A43", "money_rounding", ["half_up_fen_at_end", "daily_wage_to_fen_first"]),
    ("A45", "after_dismissal", ["stop", "as_recorded"]),
]

# Sections 1 and 4: every value as enacted, with its clause.
ENACTED = {
    "grades.A.from": (110, "3.1"),
    "grades.A.quarterly_bonus": (2500, "3.2"),
    "grades.A.monthly_award": (200, "3.2"),
    "grades.B.from": (100, "3.1"),
    "grades.B.quarterly_bonus": (2000, "3.2"),
    "grades.B.monthly_award": (100, "3.2"),
    "grades.C.from": (95, "3.1"),
    "grades.C.quarterly_bonus": (1500, "3.2"),
    "grades.C.monthly_award": (0, "3.2"),
    "grades.D.from": (90, "3.1"),
    "grades.D.quarterly_bonus": (1000, "3.2"),
    "grades.D.monthly_award": (-100, "3.2"),
    "grades.E.quarterly_bonus": (0, "3.2"),
    "grades.E.monthly_award": (-200, "3.2"),
    "points.base": (100, "2.1"),
    "points.broadband_gained": (3, "2.2"),
    "points.broadband_lost": (-2, "2.2"),
    "points.maintained_gained": (3, "2.3"),
    "points.maintained_lost": (-2, "2.3"),
    "points.acceptance": (-2, "2.4"),
    "points.installation": (-2, "2.5"),
    "points.fault": (-2, "2.6"),
    "points.complaints": (-3, "2.7"),
    "points.praises": (3, "2.7"),
    "points.unreported_complaints": (-5, "2.8"),
    "review.limit": (3, "2.9"),
    "survey.threshold": (Decimal("0.95"), "2.10"),
    "survey.points": (5, "2.10"),
    "revenue.rate": (Decimal("0.25"), "R1"),
    "revenue.manager_share": (Decimal("0.5"), "R1"),
    "standing.e_quarters": (2, "3.5"),
    "probation.months": (3, "P2"),
    "probation.festival_allowance_ratio": (Decimal("0.5"), "P(1)2"),
    "probation.personal_leave_days": (3, "P(2)"),
}

MODULES = [
    importlib.import_module(f"cmpolicy.regulation.{module.name}")
    for module in pkgutil.iter_modules(cmpolicy.regulation.__path__)
]
RULES = [
    rule
    for module in MODULES
    for _, rule in inspect.getmembers(module, inspect.isfunction)
    if rule.__module__ == module.__name__ and hasattr(rule, "clause")
]


def test_every_clause_has_its_rules_and_every_rule_its_clause():
    found = {}
    for rule in RULES:
        found.setdefault(rule.clause, set()).add(rule.__name__)
    assert found == CLAUSES


def test_every_clause_has_a_text_in_the_regulations_order():
    assert clause_numbers() == tuple(CLAUSES)


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("number", CLAUSES)
def test_a_clause_is_paraphrased_in_both_languages_with_its_standards(number, code):
    text = cm.clause_text(number, code)
    assert text.number == number
    assert text.title.strip()
    assert text.text.strip()
    assert list(text.standards) == (["A", "B", "C"] if number in {"2.4", "2.5", "2.6"} else [])
    chinese = any("一" <= letter <= "鿿" for letter in text.title + text.text)
    assert chinese is (code == "zh")


def test_what_only_a_second_copy_has_is_never_called_enacted():
    sources = {number: cm.clause_text(number).source for number in CLAUSES}
    assert {number for number, source in sources.items() if source == "second copy"} == SECOND_COPY
    assert sources.pop("R1") == "inferred"
    assert {source for number, source in sources.items() if number not in SECOND_COPY} == {"enacted"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_is_a_pure_function_of_its_arguments(rule):
    """It reads nothing that can change: only helpers, enumerations and constants; and it says what it does."""
    seen = inspect.getclosurevars(rule)
    assert not seen.nonlocals
    for name, value in seen.globals.items():
        constant = isinstance(value, int | float | str | tuple | Fraction)
        known = inspect.isfunction(value) or inspect.isclass(value) or inspect.ismodule(value)
        assert constant or known, f"{rule.__name__} reads {name}"
    assert not {"open", "print", "input", "setattr", "globals"} & seen.builtins.keys()
    assert inspect.getdoc(rule)


def test_an_unknown_clause_or_reading_names_the_nearest():
    with pytest.raises(cm.PolicyError, match=r"There is no clause P\(1\)\.\n.*Did you mean P\(1\)\d\?"):
        cm.clause_text("P(1)")
    with pytest.raises(cm.PolicyError, match=r"There is no reading user_counts.\n.*Did you mean user_count\?"):
        cm.reading_text("user_counts")


def test_the_readings_are_those_of_the_rule_book_with_the_default_first():
    assert [(setting, list(options.__members__)) for setting, options in READINGS.items()] == [
        (setting, options) for _, setting, options in READINGS_TABLE
    ]
    assert [option.value for option in Readings()] == [0] * len(READINGS_TABLE)
    assert all(issubclass(options, IntEnum) for options in READINGS.values())


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize(("number", "setting", "options"), READINGS_TABLE)
def test_a_reading_says_its_question_its_options_and_the_ground_of_its_default(number, setting, options, code):
    text = cm.reading_text(setting, code)
    assert (text.id, text.setting, list(text.options)) == (number, setting, options)
    assert set(text.clauses) <= set(CLAUSES)
    assert text.clauses
    assert all(words.strip() for words in (text.question, text.ground, *text.options.values()))


def test_the_enacted_policy_has_exactly_the_rule_books_values():
    policy = cm.load_policy("2007-06")
    values = {path: (policy.get(path), clause_of(path)) for path in policy.paths()}
    readings = {path: values.pop(path)[0] for path in list(values) if path.startswith("readings.")}
    assert values == ENACTED
    assert readings == {f"readings.{setting}": options[0] for _, setting, options in READINGS_TABLE}
    assert (policy.id, policy.effective_from.isoformat()) == ("2007-06", "2007-06-01")


def test_the_regulation_needs_no_pandas_and_no_screen():
    code = f"""
import sys
for name in {[module.__name__ for module in MODULES]!r}:
    __import__(name)
heavy = {{"pandas", "matplotlib", "pyarrow", "ipywidgets", "numba", "scipy"}} & sys.modules.keys()
upper = {{name for name in sys.modules if name.startswith(("cmpolicy.staff", "cmpolicy.simulation"))}}
assert not heavy and not upper, (heavy, upper)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
