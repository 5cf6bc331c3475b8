"""How far a long piece of work is: a bar in the terminal or notebook, or whatever a watcher makes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Sized
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cmpolicy.messages import Message

AnyItem = TypeVar("AnyItem")


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


_WATCHER: ContextVar[Callable[[Progress], object] | None] = ContextVar("progress_watcher", default=None)


@contextlib.contextmanager
def watched_by(watcher: Callable[[Progress], object]) -> Iterator[None]:
    """Tell a watcher how far the work of a block is, in place of a bar. What the watcher raises ends the work.

    Examples
    --------
    >>> from cmpolicy.messages import Message
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
    >>> from cmpolicy.messages import Message
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
    >>> from cmpolicy.messages import Message
    >>> list(with_bar([1, 2, 3], Message("replicates")))
    [1, 2, 3]
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    with bar(what, total) as advance:
        for item in items:
            yield item
            advance(1)
