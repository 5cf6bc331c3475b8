"""What stands beside the controls of several panels: the headline in words and cards, and the grade mix."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from cmpolicy.lab.headings import COST_LABELS
from cmpolicy.lab.panel import card, with_yuan_sign
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.money import in_yuan

if TYPE_CHECKING:
    from cmpolicy.lab.state import Headline
    from cmpolicy.report.figures import GradeMixFigure


def headline_cards(before: Headline, after: Headline) -> str:
    """Say what the draft changes, and write its money and standing as cards, each with what it was before."""
    return f'{_said(before, after)}<div class="cm-cards">{"".join(cards_of(before, after))}</div>'


def cards_of(before: Headline, after: Headline) -> list[str]:
    """Write money and standing as cards, each with what it was before."""
    cards = []
    for name in ("cost", "service_bonus", "cash_effect"):
        was, now = before.cost[name], after.cost[name]
        difference = in_yuan(now - was, signed=True) if now != was else ""
        cards.append(card(COST_LABELS[name], with_yuan_sign(in_yuan(now)), with_yuan_sign(in_yuan(was)), difference))
    for name in ("observed", "dismissed"):
        was, now = before.standing[name], after.standing[name]
        cards.append(card(COST_LABELS[name], f"{now:,}", f"{was:,}", f"{now - was:+,}" if now != was else ""))
    return cards


def _said(before: Headline, after: Headline) -> str:
    """Say in words what the draft changes in the cost, the grades of quarters and the standing."""
    sentences = [_cost_said(before.cost["cost"], after.cost["cost"])]
    grades = _changes(before.quarter_grades, after.quarter_grades)
    if grades:
        sentences.append(Message("Grades of quarters: {changes}.", changes=grades))
    standing = _changes(
        *({str(COST_LABELS[name]): one.standing[name] for name in ("dismissed", "observed")} for one in (before, after))
    )
    if standing:
        sentences.append(Message("Standing: {changes}.", changes=standing))
    if before == after:
        sentences = [Message("Nothing differs from the enacted policy.")]
    return f'<div class="cm-said" role="status">{html.escape(" ".join(map(str, sentences)))}</div>'


def _cost_said(before: int, after: int) -> Message:
    share = f" ({(after - before) / before:+.1%})" if before > 0 else ""
    amounts = {"difference": in_yuan(abs(after - before)), "share": share}
    if after > before:
        return Message("The draft costs ¥{difference} more than the enacted policy{share}.", **amounts)
    if after < before:
        return Message("The draft costs ¥{difference} less than the enacted policy{share}.", **amounts)
    return Message("The draft costs as much as the enacted policy.")


def _changes(before: dict[str, int], after: dict[str, int]) -> str:
    """List the numbers that differ, by how much; a name that one side lacks counts 0 there."""
    names = dict.fromkeys([*before, *after])
    differences = {name: after.get(name, 0) - before.get(name, 0) for name in names}
    return str(list_of(f"{name} {number:+,}" for name, number in differences.items() if number))


def grade_mix(figure: GradeMixFigure, before: Headline, after: Headline, period: str) -> str:
    """Draw the grades of "quarters" or of "months" with a figure that is kept, and give the picture."""
    if period == "months":
        title, counted = Message("Grades of months, before and after"), Message("staff-months")
        sides = (before.month_grades, after.month_grades)
    else:
        title, counted = Message("Grades of quarters, before and after"), Message("staff-quarters")
        sides = (before.quarter_grades, after.quarter_grades)
    figure.draw(*sides, title, counted)
    told = list_of(f"{name} {sides[0].get(name, 0)} → {number}" for name, number in sides[1].items())
    return figure.svg(f"{title}: {told}")
