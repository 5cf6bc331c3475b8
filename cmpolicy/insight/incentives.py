"""What an honest hour is worth beside a game: incentives that a policy sets, at each person's place."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.insight.bunching import bunching
from cmpolicy.insight.cliffs import DOWN, UP, Floor, cliffs, exchange_rates, floor_of
from cmpolicy.insight.event_values import EVENTS, EventValues, Places, event_values, places_of
from cmpolicy.insight.games import GAMES, games
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.readings import EliminationRule
from cmpolicy.simulation.appraise import appraise
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    import pandas as pd

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.staff.data import StaffData


def incentives(data: StaffData, policy: Policy | PolicyBook | None = None, *, seed: int = 0) -> Incentives:
    """Say what one event more or fewer is worth to each person, where the cliffs are, and what games would bring.

    An event is put in the last assessed month of the quarter. What it is worth is the payout of that quarter (3.3) and
    the year end (3.2) with the event, less the same without it; under the reading `carried` a penalty that is not
    applied counts in full, since the next quarter deducts it. The later payouts that observation or dismissal (3.5)
    would take are not in it; in how many staff-quarters one event decides on a dismissal is counted.

    Parameters
    ----------
    data
    policy
        One policy for all quarters, or a book of dated versions; the enacted regulation where it is left out.
    seed
        Of the intervals of the bunching test.

    Returns
    -------
    Incentives
        Tables are made when they are asked for.

    Raises
    ------
    PolicyError
        If a quarter has no version in force, or the policy asks for columns that the data lack.
    CmpolicyError
        If `seed` is below 0.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> found = incentives(cm.synthesize(staff=60, months=12, seed=1))
    >>> found.cliffs["quarterly_step"].tolist()
    [500.0, 500.0, 500.0, 1000.0]
    """
    if seed < 0:
        problem = Problem(
            Message("{name} is out of range.", name="seed"),
            value=str(seed),
            expected=Message("a whole number of at least {least}", least=0),
        )
        raise CmpolicyError(Message("Incentives cannot be worked out so."), [problem])
    return Incentives(appraise(data, policy), seed)


class Incentives:
    """What a policy makes worth doing.

    Attributes
    ----------
    outcome : Outcome
        The appraisal that the events are added to.
    seed : int
        Of the bunching test.
    """

    def __init__(self, outcome: Outcome, seed: int = 0) -> None:
        self.outcome = outcome
        self.seed = seed

    @cached_property
    def places(self) -> list[Places]:
        """Everyone's place in each quarter, with the event's month."""
        return places_of(self.outcome)

    @cached_property
    def values(self) -> EventValues:
        """What each event is worth in each staff-quarter, in exact fen."""
        return event_values(self.places)

    @cached_property
    def events(self) -> pd.DataFrame:
        """What each event is worth over all staff-quarters in which it can be; index: event.

        clause, staff_quarters (in which it can be), moving (in which it moves money), share_moving, mean and
        largest (yuan; the largest in absolute value), regraded (another quarter grade), dismissals (brought, or averted
        where negative; 0 where a rank decides them).
        """
        import pandas as pd

        now = self.outcome.arrays.quarter_grade[self.values.quarter, self.values.person]
        rows = {}
        for number, (name, event) in enumerate(EVENTS.items()):
            possible, worth = self.values.possible[number], self.values.worth[number]
            count, moving = int(possible.sum()), int((worth != 0).sum())
            largest = worth[np.abs(worth).argmax()] if len(worth) else 0
            rows[name] = {
                "clause": event.clause,
                "staff_quarters": count,
                "moving": moving,
                "share_moving": moving / count if count else np.nan,
                "mean": worth.sum() / FEN_PER_YUAN / count if count else np.nan,
                "largest": largest / FEN_PER_YUAN,
                "regraded": int((possible & (self.values.grade[number] != now)).sum()),
                "dismissals": int(self.values.dismissal[number].sum()),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("event")

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row a staff-quarter, in the order of the staff ids.

        staff_id, quarter, score, grade, a column for each event (yuan, empty where it cannot be), then name and area
        where known.
        """
        import pandas as pd

        outcome, values = self.outcome, self.values
        order = np.lexsort((values.quarter, values.person))
        person, quarter = values.person[order], values.quarter[order]
        numbers = outcome.panel.first_quarter + quarter
        grade = outcome.arrays.quarter_grade[quarter, person]
        score = outcome.arrays.quarter_score[quarter, person] / SIXTHS
        columns = {
            "staff_id": pd.Series(outcome.panel.staff_ids[person], dtype="str"),
            "quarter": pd.Series(period_names(numbers, "quarter"), dtype="str"),
            "score": np.where(grade >= 0, score, np.nan),
            "grade": pd.Series(outcome.grade_names(grade, quarter), dtype="str").replace("", np.nan),
        }
        for number, name in enumerate(EVENTS):
            worth = values.worth[number, order] / FEN_PER_YUAN
            columns[name] = np.where(values.possible[number, order], worth, np.nan)
        for name, texts in outcome.data.people_columns(person, numbers, "quarter").items():
            columns[name] = pd.Series(texts, dtype="str")
        return pd.DataFrame(columns)

    @cached_property
    def cliffs(self) -> pd.DataFrame:
        """Who stands at each bound; see `cmpolicy.insight.cliffs.cliffs`."""
        return cliffs(self.outcome, self.values)

    @cached_property
    def within_one_event(self) -> int:
        """In how many staff-quarters one more broadband user or one more complaint decides on the grade.

        Each staff-quarter counts once, also where both events decide on its grade, or one leads past two bounds; the
        column of `cliffs` counts it at each of these bounds.
        """
        arrays, values = self.outcome.arrays, self.values
        now = arrays.quarter_grade[values.quarter, values.person]
        lifted, dropped = (values.grade[list(EVENTS).index(name)] for name in (UP, DOWN))
        return int(((now >= 0) & ((lifted < now) | (dropped > now))).sum())

    @cached_property
    def dismissals_decided(self) -> int:
        """In how many staff-quarters one event decides on a dismissal (3.5); each counts once, whatever the event."""
        return int((self.values.dismissal != 0).any(axis=0).sum())

    @cached_property
    def floor(self) -> Floor:
        """Where a penalty no longer bites (3.3)."""
        return floor_of(self.places, self.values)

    @cached_property
    def exchange(self) -> pd.DataFrame:
        """What a review and a survey weigh beside work, by the latest version; see `exchange_rates`."""
        return exchange_rates(self.outcome.versions[-1].policy)

    @cached_property
    def bunching(self) -> pd.DataFrame:
        """Whether people gather just above a bound; see `cmpolicy.insight.bunching.bunching`."""
        return bunching(self.outcome, seed=self.seed)

    @cached_property
    def games(self) -> pd.DataFrame:
        """What known games would bring; see `cmpolicy.insight.games.games`."""
        return games(self.outcome, self.places)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, for files."""
        import pandas as pd

        floor = self.floor._asdict()
        floor["penalty_not_applied"] = floor["penalty_not_applied"] / FEN_PER_YUAN
        return {
            "events": self.events.reset_index(),
            "cliffs": self.cliffs,
            "floor": pd.DataFrame(list(floor.items()), columns=["figure", "value"]),
            "exchange": self.exchange.reset_index(),
            "bunching": self.bunching,
            "games": self.games.reset_index(),
            "people": self.people,
        }

    @cached_property
    def answer(self) -> tuple[Message, ...]:
        """What an honest hour is worth beside a game, in a few sentences."""
        user, complaint = self.events.loc["broadband_user_gained"], self.events.loc["complaint"]
        if not user["staff_quarters"]:
            return (Message("Nobody was assessed, so no event is worth anything."),)
        sentences = [
            Message(
                "One more broadband user is worth {mean} yuan on average, and nothing in {share} of the "
                "staff-quarters; one more complaint costs {cost} yuan on average, and nothing in {free}.",
                mean=f"{user['mean']:,.0f}",
                share=f"{1 - user['share_moving']:.0%}",
                cost=f"{0 - complaint['mean']:,.0f}",
                free=f"{1 - complaint['share_moving']:.0%}",
            ),
            *self._not_in_the_worth,
            Message(
                "In {near} of {count} staff-quarters one more broadband user or one more complaint decides on the "
                "grade.",
                near=f"{self.within_one_event:,}",
                count=f"{self.floor.staff_quarters:,}",
            ),
        ]
        users = self.exchange["broadband_user_gained"]
        if users.notna().all():
            sentences.append(
                Message(
                    "Counted in broadband users gained, a satisfied survey weighs {survey}, a whole review {review}.",
                    survey=f"{users['survey']:g}",
                    review=f"{users['whole_review']:g}",
                )
            )
        best = str(self.games["most"].idxmax())
        game = self.games.loc[best]
        if game["staff_quarters"]:
            sentences.append(
                Message(
                    "The game that brings most: {game}. People who could gain: {people}, at most {most} yuan at a "
                    "time. Staff-quarters in which it would still pay under the reading “{against}”: {left}.",
                    game=GAMES[best].text,
                    people=f"{game['people']:,}",
                    most=f"{game['most']:,.2f}",
                    against=GAMES[best].against,
                    left=f"{game['staff_quarters_against']:,}",
                )
            )
        suspected = self.bunching[self.bunching["found"]]
        if len(suspected):
            bounds = list_of([f"{bound:g}" for bound in suspected["bound"]])
            sentences.append(Message("Bounds just above which people gather: {bounds}.", bounds=bounds))
        return tuple(sentences)

    @property
    def _not_in_the_worth(self) -> list[Message]:
        """Say that later quarters stay outside, and how often one event decides on them."""
        said = [Message("Later payouts that would be lost by observation or dismissal (3.5) are not in this worth.")]
        if not self._ranks_decide:
            count = f"{self.dismissals_decided:,}"
            said.append(Message("Staff-quarters in which one event decides on a dismissal: {count}.", count=count))
        return said

    @property
    def _ranks_decide(self) -> bool:
        """Whether in some quarter a rank decides on dismissals, so that no event does by itself."""
        rules = [version.terms.readings.elimination_rule for version in self.outcome.versions]
        return EliminationRule.lowest_scorer in rules

    @property
    def dismissals_note(self) -> Message:
        """What the column dismissals of `events` counts."""
        if self._ranks_decide:
            return Message("Where a rank decides dismissals, they are not counted by event.")
        return Message(
            "The column “dismissals” counts the staff-quarters at whose end the event alone brings a dismissal (+) or "
            "averts one (−); what observation or dismissal (3.5) would take from later payouts is in no amount."
        )

    @cached_property
    def notes(self) -> tuple[Message, ...]:
        """What the reader should know."""
        notes = [
            Message("Each event is put in the last assessed month of the quarter."),
            Message("The bunching test draws people again with seed {seed}.", seed=self.seed),
            self.dismissals_note,
        ]
        return (*notes, *self.outcome.notes)

    def __repr__(self) -> str:
        return f"<Incentives: {len(self.values.person)} staff-quarters, {len(EVENTS)} events>"
