"""How money is written for people."""

from __future__ import annotations

from cmpolicy.regulation.policy import FEN_PER_YUAN


def in_yuan(fen: int, *, signed: bool = False) -> str:
    """Write fen as yuan, to the fen.

    Examples
    --------
    >>> in_yuan(250000), in_yuan(-5, signed=True)
    ('2,500.00', '-0.05')
    """
    return f"{fen / FEN_PER_YUAN:+,.2f}" if signed else f"{fen / FEN_PER_YUAN:,.2f}"
