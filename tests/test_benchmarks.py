"""The yardsticks of the benchmarks compute what the package computes; how fast, is not tested."""

import pytest

import cmpolicy as cm
from benchmarks import __main__ as benchmarks
from benchmarks import row_by_row, with_pandas
from benchmarks.agreement import DisagreementError, require_agreement, typed_tables

CASES = {
    "a usual department": {"staff": 40, "months": 16},
    "much fraud, many gaps, poor scores": {
        "staff": 40,
        "months": 23,
        "knobs": cm.SyntheticKnobs(fraud=0.1, missing_months=0.3, service_shift=-6),
    },
    "no surveys, no reviews": {
        "staff": 20,
        "months": 4,
        "knobs": cm.SyntheticKnobs(survey_share=0, review_share=0),
    },
}


def data_of(case):
    return cm.synthesize(**CASES[case], seed=1)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("yardstick", [with_pandas, row_by_row], ids=["pandas", "row by row"])
def test_a_yardstick_agrees_with_the_package_in_every_cell(case, yardstick):
    data = data_of(case)
    require_agreement(case, yardstick.appraise(typed_tables(data)), cm.appraise(data))


def test_the_cases_reach_observation_and_dismissal():
    """Else the yardsticks could get 3.5 wrong unseen."""
    counts = cm.appraise(data_of("much fraud, many gaps, poor scores")).standing_counts
    assert min(counts.values()) > 0


@pytest.mark.parametrize(
    ("table", "column", "wrong"),
    [("months", "award", 1), ("quarters", "score", 1.5), ("quarters", "grade", "E"), ("years", "cash_effect", 1)],
)
def test_one_differing_cell_is_found(table, column, wrong):
    data = data_of("a usual department")
    found = with_pandas.appraise(typed_tables(data))
    assert found[table].loc[5, column] != wrong
    found[table].loc[5, column] = wrong
    with pytest.raises(DisagreementError, match=rf"{table}.{column} of row 5"):
        require_agreement("pandas", found, cm.appraise(data))


def test_someone_else_named_best_is_found():
    data = data_of("a usual department")
    found = with_pandas.appraise(typed_tables(data))
    found["recognition"].loc[0, "staff_id"] += 1
    with pytest.raises(DisagreementError, match="recognition"):
        require_agreement("pandas", found, cm.appraise(data))


def test_results_that_differ_are_a_failure(monkeypatch, capsys):
    """A limit that is not met only shows in the table; a difference ends the run with status 1."""

    def differ():
        found = with_pandas.appraise(typed_tables(data_of("a usual department")))
        found["months"]["award"] += 1
        require_agreement("pandas", found, cm.appraise(data_of("a usual department")))

    monkeypatch.setattr("benchmarks.moves.measure", differ)
    assert benchmarks.main(["moves"]) == 1
    assert "months.award" in capsys.readouterr().err


def test_an_unknown_benchmark_is_told(capsys):
    assert benchmarks.main(["engine"]) == 2
    assert "engines" in capsys.readouterr().err
