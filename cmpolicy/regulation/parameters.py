"""What can be set in a policy: one table of its parameters.

The table drives validation, messages, the policy's paths and every list of parameters that is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral
from typing import Literal

from cmpolicy.messages import Message

Kind = Literal["whole", "money", "ratio"]


@dataclass(frozen=True)
class Parameter:
    """One value of a policy.

    Parameters
    ----------
    name
        Its place in the policy file, such as "revenue.rate". In the grade table: "from".
    clause
        The clause that sets it.
    kind
        "whole" (an integer), "money" (yuan, two decimals) or "ratio" (four decimals).
    lowest, highest
        Its limits; they also keep the arithmetic inside 64-bit integers.
    title
        What it is, for people.
    """

    name: str
    clause: str
    kind: Kind
    lowest: int
    highest: int
    title: Message

    @property
    def expected(self) -> Message:
        """What a valid value looks like."""
        return Message(_EXPECTED[self.kind], lowest=f"{self.lowest:,}", highest=f"{self.highest:,}")

    def read(self, value: object) -> int | Decimal | None:
        """Turn a value from a file or a control into an exact number, or None where it is not valid."""
        # NumPy's numbers are welcome too: a control or a sweep hands them in.
        if isinstance(value, Integral) and not isinstance(value, bool):
            number = Decimal(int(value))
        elif isinstance(value, float):
            number = Decimal(repr(float(value)))
        elif isinstance(value, Decimal):
            number = value
        else:
            return None
        if not number.is_finite() or not self.lowest <= number <= self.highest:
            return None
        if number != round(number, DECIMALS[self.kind]):
            return None
        return int(number) if self.kind == "whole" else number.normalize() + 0


DECIMALS: dict[Kind, int] = {"whole": 0, "money": 2, "ratio": 4}
_EXPECTED: dict[Kind, str] = {
    "whole": Message("a whole number from {lowest} to {highest}").template,
    "money": Message("an amount in yuan from {lowest} to {highest}, with at most two decimals").template,
    "ratio": Message("a number from {lowest} to {highest}, with at most four decimals").template,
}
_POINTS = 1_000
_BONUS = 5_000_000

GRADE_PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter("from", "3.1", "whole", -10_000, 10_000, Message("lowest score of the grade")),
        Parameter("quarterly_bonus", "3.2", "money", 0, _BONUS, Message("quarterly service bonus, yuan")),
        Parameter(
            "monthly_award", "3.2", "money", -_BONUS, _BONUS, Message("award a month, settled at year end, yuan")
        ),
    )
}

PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter("points.base", "2.1", "whole", -_POINTS, _POINTS, Message("score at the start of a month")),
        Parameter("points.broadband_gained", "2.2", "whole", -_POINTS, _POINTS, Message("broadband user gained")),
        Parameter("points.broadband_lost", "2.2", "whole", -_POINTS, _POINTS, Message("broadband user lost")),
        Parameter("points.maintained_gained", "2.3", "whole", -_POINTS, _POINTS, Message("maintained user gained")),
        Parameter("points.maintained_lost", "2.3", "whole", -_POINTS, _POINTS, Message("maintained user lost")),
        Parameter("points.acceptance", "2.4", "whole", -_POINTS, _POINTS, Message("order acceptance below standard")),
        Parameter("points.installation", "2.5", "whole", -_POINTS, _POINTS, Message("installation below standard")),
        Parameter("points.fault", "2.6", "whole", -_POINTS, _POINTS, Message("fault handling below standard")),
        Parameter("points.complaints", "2.7", "whole", -_POINTS, _POINTS, Message("confirmed complaint")),
        Parameter("points.praises", "2.7", "whole", -_POINTS, _POINTS, Message("confirmed praise")),
        Parameter(
            "points.unreported_complaints",
            "2.8",
            "whole",
            -_POINTS,
            _POINTS,
            Message("complaint not reported promptly"),
        ),
        Parameter("review.limit", "2.9", "whole", 0, 100, Message("limit of the reviewers' adjustment, points")),
        Parameter("survey.threshold", "2.10", "ratio", 0, 1, Message("satisfied share that earns the points")),
        Parameter("survey.points", "2.10", "whole", -_POINTS, _POINTS, Message("survey that reaches the share")),
        Parameter("revenue.rate", "R1", "ratio", 0, 1, Message("share of the revenue above its base")),
        Parameter("revenue.manager_share", "R1", "ratio", 0, 1, Message("one manager's share of it")),
        Parameter("standing.e_quarters", "3.5", "whole", 1, 12, Message("adjacent E quarters before observation")),
        Parameter("probation.months", "P2", "whole", 0, 24, Message("length of probation, months")),
        Parameter("probation.festival_allowance_ratio", "P(1)2", "ratio", 0, 1, Message("festival allowance's share")),
        Parameter("probation.personal_leave_days", "P(2)", "whole", 0, 366, Message("days of personal leave")),
    )
}
