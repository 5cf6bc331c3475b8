"""What a forecast rests on, told to its reader: the data, the people, what is assumed and what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.messages import Message
from cmpolicy.simulation.forecast_result import SIDES
from cmpolicy.simulation.futures import QUARTERS_FOR_SEASONS
from cmpolicy.simulation.history import SEASONS
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cmpolicy.simulation.effort import Effort
    from cmpolicy.simulation.forecast_request import Plan
    from cmpolicy.simulation.future_pay import FuturePay
    from cmpolicy.simulation.future_records import Growth
    from cmpolicy.simulation.futures import Past


def notes_on(
    past: Past,
    pays: Mapping[str, FuturePay],
    growth: Growth,
    efforts: Mapping[str, Effort],
    plan: Plan,
    staffings: int,
) -> Iterator[Message]:
    """Tell what the reader has to know."""
    yield Message("Seed: {seed}. Replicates: {count}.", seed=plan.seed, count=f"{plan.replicates:,}")
    if staffings < plan.replicates:
        yield Message("In so large a department replicates share {count} drawings of people.", count=f"{staffings:,}")
    if past.begun:
        yield Message(
            "The data end inside {quarter}; the forecast begins with that quarter.", quarter=_name_of(past.start)
        )
    yield from _notes_on_history(past)
    yield from _notes_on_people(past, pays)
    yield from _notes_on_revenue(past, growth)
    yield Message(
        "Not in the intervals: a trend of the scores, a new competitor, bad quarters that follow each other more often "
        "than by chance. Not in the cost: what leaving and hiring cost besides ({command}).",
        command="cmpolicy cost",
    )
    if not plan.elasticity:
        yield Message("Effort does not respond to what a point is worth (elasticity 0).")
        return
    for name, effort in efforts.items():
        yield Message(
            "Under {name} a point is worth {worth} yuan a quarter; with elasticity {elasticity} people gain {factor} "
            "of the users that they gained.",
            name=SIDES.get(name, name),
            worth=f"{effort.worth:,.2f}",
            elasticity=f"{plan.elasticity:g}",
            factor=f"{effort.factor:.1%}",
        )


def _notes_on_history(past: Past) -> Iterator[Message]:
    recorded = np.flatnonzero(past.usable.any(axis=1))
    quarters = len(recorded)
    first, last = (_name_of(past.start - past.quarters + one) for one in recorded[[0, -1]])
    yield Message(
        "Each coming quarter is drawn from those of its season in {first} to {last} (quarters: {count}), for the "
        "whole department at once.",
        first=first,
        last=last,
        count=quarters,
    )
    if quarters < SEASONS:
        yield Message(
            "Complete quarters in the data: {count}, which is less than a year. Seasons that are not on record are "
            "drawn from all quarters, and the intervals are rough.",
            count=quarters,
        )
    elif quarters < QUARTERS_FOR_SEASONS:
        yield Message(
            "Complete quarters in the data: {count}, which is less than two years. What is season and what is chance "
            "cannot be told apart, and the intervals are rough.",
            count=quarters,
        )
    if quarters == 1:
        yield Message("One quarter does not show how quarters differ: the intervals are of people only.")


def _notes_on_people(past: Past, pays: Mapping[str, FuturePay]) -> Iterator[Message]:
    yield Message(
        "Posts: {posts} at the end of the data, {headcount} at the end of the forecast. {share} of the people leave in "
        "a year.",
        posts=f"{past.in_post:,}",
        headcount=f"{past.headcount[-1]:,}",
        share=f"{1 - (1 - past.leave_rate) ** SEASONS:.1%}",
    )
    yield Message(
        "Who is in post stays, with their own records, until they leave or are dismissed (3.5). Someone succeeds at "
        "once, who may do as well or as badly as anybody in the data."
    )
    if past.in_post > min(past.headcount):
        yield Message(
            "Some quarters have fewer posts than there are people. Those posts close first whose holders leave by "
            "themselves within the forecast, then others by chance."
        )
    recorded = past.usable[past.usable.any(axis=1)]
    lacking = int((~recorded[:, past.posts[past.posts != past.nobody]]).any(axis=0).sum())
    if lacking:
        yield Message(
            "People in post without a record of a whole quarter in some past quarter: {count}. There the record of "
            "someone who does about as well stands in.",
            count=f"{lacking:,}",
        )
    for name, pay in pays.items():
        if pay.past_unpaid:
            yield Message(
                "Staff-quarters after a dismissal under {name} (3.5): {count}. The past shows them unpaid, as an "
                "appraisal does; coming quarters are drawn from them, too, as records of a successor.",
                count=f"{pay.past_unpaid:,}",
                name=SIDES.get(name, name),
            )
        if pay.left:
            yield Message(
                "People in post whom {name} dismisses by the end of the data (3.5): {count}. Others succeed them.",
                count=f"{pay.left:,}",
                name=SIDES.get(name, name),
            )


def _notes_on_revenue(past: Past, growth: Growth) -> Iterator[Message]:
    if past.records and past.unknown_revenue == past.records:
        yield Message("No quarter of the data has a revenue figure: the revenue bonus is 0, also in the forecast (R1).")
        return
    if past.unknown_revenue:
        yield Message(
            "Staff-quarters without a revenue figure: {count} of {records}. Their revenue bonus is 0, also where "
            "coming quarters are drawn from them (R1).",
            count=f"{past.unknown_revenue:,}",
            records=f"{past.records:,}",
        )
    rates = (f"{rate:,.1%}" for rate in (growth.revenue, growth.base, growth.past))
    yield Message(
        "Revenue grows by {revenue} a year and its base by {base}; in the data the base grew by {past}.",
        **dict(zip(("revenue", "base", "past"), rates, strict=True)),
    )


def _name_of(quarter: int) -> str:
    return str(period_names(np.array([quarter]), "quarter").item())
