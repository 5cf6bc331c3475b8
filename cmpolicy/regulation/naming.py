"""What a policy is called where people read it: its id, and what was changed where it is not the enacted text's own."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import FOLDER, load_policy, parameter_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cmpolicy.regulation.policy import Change, Policy

MOST_NAMED = 3
"""So many changes are named; where there are more, they are counted."""


@functools.lru_cache(maxsize=64)
def policy_name(policy: Policy) -> Message | str:
    """Name a policy by its id, with what makes it differ from the bundled policy of the same id.

    Examples
    --------
    >>> enacted = load_policy("2007-06")
    >>> str(policy_name(enacted))
    '2007-06'
    >>> str(policy_name(enacted.with_changes({"grades.A.from": 112})))
    '2007-06, changed: A from 112'
    >>> str(policy_name(enacted.with_changes({"id": "reform", "grades.A.from": 112})))
    'reform'
    """
    if policy.id not in [file.stem for file in FOLDER.glob("[0-9]*.yaml")]:
        return policy.id
    changes = load_policy(policy.id).diff(policy)
    if not changes:
        return policy.id
    if len(changes) > MOST_NAMED:
        return Message("{id}, values changed: {count}", id=policy.id, count=len(changes))
    return Message("{id}, changed: {changes}", id=policy.id, changes=list_of([_change_text(one) for one in changes]))


_GRADE_TEXTS = {
    "from": lambda grade, value: Message("{grade} from {value}", grade=grade, value=value),
    "quarterly_bonus": lambda grade, value: Message("{grade} quarterly bonus {value}", grade=grade, value=value),
    "monthly_award": lambda grade, value: Message("{grade} monthly award {value}", grade=grade, value=value),
}


def _change_text(change: Change) -> Message:
    room, _, name = change.path.partition(".")
    value = "–" if change.after is None else str(change.after)  # a grade that there is no more
    if room == "grades":
        grade, _, column = name.partition(".")
        return _GRADE_TEXTS[column](grade, value)
    if room == "readings":
        return Message("reading {id} {option}", id=reading_text(name, "en").id, option=value)
    return Message(
        "{clause} {title}: {value}", clause=change.clause, title=parameter_of(change.path).title, value=value
    )


def names_of(policies: Iterable[Policy]) -> Message | str:
    """Name policies, each once; not with commas between them, since a name may hold some.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> enacted = cm.load_policy("2007-06")
    >>> print(names_of([enacted, enacted.with_changes({"grades.A.from": 112}), enacted]))
    2007-06; 2007-06, changed: A from 112
    """
    names: Iterable[Message | str] = dict.fromkeys(map(policy_name, policies))
    return functools.reduce(lambda first, second: Message("{first}; {second}", first=first, second=second), names)
