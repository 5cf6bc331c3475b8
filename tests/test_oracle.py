"""The oracle itself gives every worked example."""

import oracle
import pytest
from worked_cases import cases, check, data_of, policy_of


@pytest.mark.parametrize(("case", "settings", "expected"), [pytest.param(*c[1:], id=c[0]) for c in cases()])
def test_worked_example(case, settings, expected):
    check(case, expected, oracle.appraise(data_of(case), policy_of(settings).to_dict()))
