"""How far a long piece of work is: a bar in the terminal or notebook, or whatever a watcher makes of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sized
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cmpolicy.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

AnyItem = TypeVar("AnyItem")

BETWEEN_TWO_TIMES = 0.15
"""Seconds; who looks on learns no more from being told more often."""


class Progress(NamedTuple):
    """How far a piece of work is.

    Attributes
    ----------
    what : Message
        What is counted, such as scenarios.
    done : int
    total : int or None
        None where it is not known beforehand.
    """

    what: Message
    done: int
    total: int | None

    @property
    def told(self) -> Message:
        """The same in words."""
        done = f"{self.done:,}"
        if self.total is None:
            return Message("{what}: {done}", what=self.what, done=done)
        return Message("{what}: {done} of {total}", what=self.what, done=done, total=f"{self.total:,}")


_WATCHER: ContextVar[Callable[[Progress], object] | None] = ContextVar("progress_watcher", default=None)


@contextlib.contextmanager
def watched_by(watcher: Callable[[Progress], object]) -> Iterator[None]:
    """Tell a watcher how far the work of a block is, in place of a bar. What the watcher raises ends the work.

    Examples
    --------
    >>> with watched_by(lambda progress: print(f"{progress.what}: {progress.done} of {progress.total}")):
    ...     for grade in with_bar("AB", Message("grades")):
    ...         pass
    grades: 0 of 2
    grades: 1 of 2
    grades: 2 of 2
    """
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def seldom(watcher: Callable[[Progress], object]) -> Callable[[Progress], None]:
    """Tell a watcher now and then only, for where each time costs something; of what is done at once, nothing."""
    last = time.monotonic()

    def watch(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= BETWEEN_TWO_TIMES:
            watcher(progress)
            last = time.monotonic()

    return watch


@contextlib.contextmanager
def bar(what: Message, total: int | None = None, done: int = 0) -> Iterator[Callable[[int], None]]:
    """Show a bar while a block works, if that takes over a second and somebody looks on.

    Parameters
    ----------
    what
        What is counted, such as scenarios.
    total
        How many there are in all, if that is known.
    done
        How many were finished before.

    Yields
    ------
    function
        It takes how many more are finished.

    Examples
    --------
    >>> with bar(Message("scenarios"), total=100) as advance:
    ...     advance(100)
    """
    watcher = _WATCHER.get()
    if watcher is None:
        from tqdm.auto import tqdm

        with tqdm(desc=str(what), total=total, initial=done, delay=1, disable=None, leave=False) as shown:
            yield shown.update
        return
    progress = Progress(what, done, total)
    watcher(progress)

    def advance(count: int) -> None:
        nonlocal progress
        progress = progress._replace(done=progress.done + count)
        watcher(progress)

    yield advance


def with_bar(items: Iterable[AnyItem], what: Message, total: int | None = None) -> Iterator[AnyItem]:
    """Go through items under a bar; `total` is how many there are, where `len` does not tell.

    Examples
    --------
    >>> list(with_bar([1, 2, 3], Message("replicates")))
    [1, 2, 3]
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    with bar(what, total) as advance:
        for item in items:
            yield item
            advance(1)
