"""The package gives every worked example, under the default and every alternative reading named."""

import pytest
from random_cases import staff_data
from worked_cases import cases, check, data_of, policy_of, tables_of

import cmpolicy as cm


@pytest.mark.parametrize(("case", "settings", "expected"), [pytest.param(*c[1:], id=c[0]) for c in cases()])
def test_worked_example(case, settings, expected):
    outcome = cm.appraise(staff_data(data_of(case)), policy_of(settings))
    check(case, expected, tables_of(outcome))
