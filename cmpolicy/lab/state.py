"""What the panels share: the data, the policy on the controls, its history, the scenarios. It knows no widget."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from traitlets import Bool, Dict, Enum, HasTraits, Instance

from cmpolicy.errors import CmpolicyError, PolicyError
from cmpolicy.messages import LANGUAGES, Message, language
from cmpolicy.progress import Progress, seldom, watched_by
from cmpolicy.regulation.policy import ENACTED, Policy, load_policy
from cmpolicy.simulation.appraise import COST, Outcome, appraise
from cmpolicy.simulation.compare import Comparison
from cmpolicy.simulation.statistics import totals
from cmpolicy.simulation.terms import versions_of
from cmpolicy.staff.data import StaffData

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

MOST_UNDO = 500
MOST_COMPARED = 5
STANDING = ("observed", "dismissed", "left")


class Headline(NamedTuple):
    """The totals that stand beside a control; money in fen."""

    quarter_grades: dict[str, int]
    month_grades: dict[str, int]
    cost: dict[str, int]
    standing: dict[str, int]


def headline_of(data: StaffData, policy: Policy) -> Headline:
    """Give the totals of a policy on some data.

    From statistics, so that the time a moved bound or amount takes hardly depends on the number of staff.
    """
    found, names = totals(data, policy), policy.grade_names
    return Headline(
        quarter_grades=dict(zip(names, found.quarter_grades.tolist(), strict=True)),
        month_grades=dict(zip(names, found.month_grades.tolist(), strict=True)),
        cost={name: getattr(found, name) for name in COST},
        standing={name: getattr(found, name) for name in STANDING},
    )


class LabState(HasTraits):
    """The state of the lab. Panels show it and change it only through its methods.

    Attributes
    ----------
    data : StaffData
    enacted : Policy
        What the draft is compared with.
    policy : Policy
        The draft on the controls.
    scenarios : dict of Policy by name
        Replaced as a whole, so that observers see every change.
    deleted : deque of (name, Policy)
        Scenarios that were deleted or replaced, the last one at the end.
    language : "zh" or "en"
    fault : CmpolicyError or None
        The last thing that could not be done; the state is as it was before.
    working : Message or None
        What takes a while just now.
    can_undo, can_redo : bool

    Raises
    ------
    PolicyError
        If the policy asks for what the data do not have.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> state = LabState(cm.synthesize(staff=10, months=3, seed=1))
    >>> state.change({"grades.A.from": 112})
    True
    >>> state.undo()
    >>> state.policy == state.enacted
    True
    """

    data = Instance(StaffData)
    enacted = Instance(Policy)
    policy = Instance(Policy)
    scenarios = Dict()
    language = Enum(LANGUAGES)
    fault = Instance(CmpolicyError, allow_none=True)
    working = Instance(Message, allow_none=True)
    can_undo = Bool(default_value=False)
    can_redo = Bool(default_value=False)

    def __init__(self, data: StaffData, policy: Policy | None = None) -> None:
        enacted = policy or load_policy(ENACTED)
        versions_of(enacted, data.panel)
        super().__init__(data=data, enacted=enacted, policy=enacted, language=language())
        self._past: deque[Policy] = deque(maxlen=MOST_UNDO)
        self._future: deque[Policy] = deque()
        self.deleted: deque[tuple[str, Policy]] = deque(maxlen=MOST_UNDO)
        self._headlines: dict[Hashable, tuple[StaffData, Policy, Headline]] = {}
        self._comparison: Comparison | None = None
        self._outcomes: dict[str, tuple[StaffData, Policy, Outcome]] = {}

    # -- the draft -------------------------------------------------------------

    def change(self, changes: Mapping[str, object]) -> bool:
        """Change values of the draft; a change that cannot be made leaves it as it is and becomes the fault.

        Returns
        -------
        bool
            Whether the changes are in force.
        """
        try:
            self.replace(self.policy.with_changes(changes))
        except PolicyError as error:
            self.fault = error
            return False
        return True

    def replace(self, policy: Policy) -> None:
        """Make another policy the draft, as one step that can be undone.

        Raises
        ------
        PolicyError
            If it asks for what the data do not have; the draft stays then.
        """
        versions_of(policy, self.data.panel)
        self.fault = None
        if policy == self.policy:
            return
        self._past.append(self.policy)
        self._future.clear()
        self._show(policy)

    def move_bound(self, grade: str, bound: int) -> None:
        """Move a grade's bound as far as its neighbours let it: bounds stay in order."""
        place = self.policy.grade_names.index(grade)
        bounds = self.policy.bounds
        if place > 0:
            bound = min(bound, bounds[place - 1] - 1)
        if place + 1 < len(bounds):
            bound = max(bound, bounds[place + 1] + 1)
        self.change({f"grades.{grade}.from": bound})

    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._step(self._future, self._past)

    def _step(self, source: deque[Policy], target: deque[Policy]) -> None:
        if source:
            versions_of(source[-1], self.data.panel)  # the data may be others by now
            self.fault = None
            target.append(self.policy)
            self._show(source.pop())

    def reset(self) -> None:
        """Go back to the enacted policy, as one step that can be undone."""
        self.replace(self.enacted)

    def _show(self, policy: Policy) -> None:
        self.can_undo, self.can_redo = bool(self._past), bool(self._future)
        self.policy = policy

    # -- scenarios -------------------------------------------------------------

    def save_scenario(self, name: str, policy: Policy | None = None) -> None:
        """Keep a policy, the draft where it is left out, under a name; one that is taken is replaced.

        Raises
        ------
        CmpolicyError
            If the name is blank.
        """
        name = name.strip()
        if not name:
            raise CmpolicyError(Message("A scenario needs a name."))
        self.fault = None
        policy = policy or self.policy
        if self.scenarios.get(name, policy) != policy:
            self.deleted.append((name, self.scenarios[name]))
        self.scenarios = {**self.scenarios, name: policy}

    def load_scenario(self, name: str) -> None:
        """Make a scenario the draft.

        Raises
        ------
        PolicyError
            If it asks for what the data do not have; the draft stays then.
        """
        self.replace(self.scenarios[name])

    def duplicate_scenario(self, name: str) -> str:
        """Keep a scenario under a second name, and give that."""
        copy = self._free_name(name)
        self.scenarios = {**self.scenarios, copy: self.scenarios[name]}
        return copy

    def delete_scenario(self, name: str) -> None:
        """Take a scenario away; `restore_scenario` brings it back."""
        self._headlines.pop(("scenario", name), None)
        self.deleted.append((name, self.scenarios[name]))
        self.scenarios = {kept: policy for kept, policy in self.scenarios.items() if kept != name}

    def restore_scenario(self) -> str:
        """Bring the scenario back that was deleted or replaced last, and give its name: another one if it is taken.

        Raises
        ------
        IndexError
            If there is none.
        """
        name, policy = self.deleted.pop()
        name = self._free_name(name) if name in self.scenarios else name
        self.scenarios = {**self.scenarios, name: policy}
        return name

    def _free_name(self, name: str) -> str:
        number = 2
        while f"{name} ({number})" in self.scenarios:
            number += 1
        return f"{name} ({number})"

    # -- what comes of it ------------------------------------------------------

    @property
    def baseline(self) -> Outcome:
        """The outcome of the enacted policy."""
        return self._outcome("baseline", self.enacted)

    @property
    def outcome(self) -> Outcome:
        """The outcome of the draft."""
        return self._outcome("draft", self.policy)

    @property
    def comparison(self) -> Comparison:
        """What the draft changes."""
        baseline, outcome = self.baseline, self.outcome
        kept = self._comparison
        if kept is None or kept.baseline is not baseline or kept.reform is not outcome:
            self._comparison = kept = Comparison(baseline, outcome)
        return kept

    @property
    def baseline_headline(self) -> Headline:
        """The totals of the enacted policy."""
        return self._headline("baseline", self.enacted)

    @property
    def headline(self) -> Headline:
        """The totals of the draft."""
        return self._headline("draft", self.policy)

    def scenario_headline(self, name: str) -> Headline:
        """Give the totals of a scenario.

        Raises
        ------
        PolicyError
            If it asks for what the data do not have.
        """
        return self._headline(("scenario", name), self.scenarios[name])

    def _headline(self, kind: Hashable, policy: Policy) -> Headline:
        kept = self._headlines.get(kind)
        if kept is None or kept[0] is not self.data or kept[1] != policy:
            self._headlines[kind] = kept = (self.data, policy, headline_of(self.data, policy))
        return kept[2]

    def _outcome(self, kind: str, policy: Policy) -> Outcome:
        """Keep one outcome of a kind, so that panels which look at the same one share its tables."""
        kept = self._outcomes.get(kind)
        if kept is None or kept[0] is not self.data or kept[1] != policy:
            self._outcomes[kind] = kept = (self.data, policy, appraise(self.data, policy))
        return kept[2]

    # -- doing things ----------------------------------------------------------

    @contextmanager
    def working_on(self, what: Message) -> Iterator[None]:
        """Say what takes a while, for as long as it does, and how far it is."""

        def tell(progress: Progress) -> None:
            self.working = Message("{what} {progress}", what=what, progress=progress.told)

        self.working = what
        try:
            with watched_by(seldom(tell)):
                yield
        finally:
            self.working = None

    def use_data(self, data: StaffData) -> None:
        """Take other data; the draft stays.

        Raises
        ------
        PolicyError
            If the draft or the enacted policy asks for what these data do not have; the data stay then.
        """
        outcomes: dict[str, Any] = {
            "baseline": (data, self.enacted, appraise(data, self.enacted)),
            "draft": (data, self.policy, appraise(data, self.policy)),
        }
        self.fault = None
        self._outcomes, self._headlines, self._comparison = outcomes, {}, None  # nothing holds on to the old data
        self.data = data
