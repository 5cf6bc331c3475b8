"""Processes that take tasks: on this machine, or on many behind a scheduler (the extra `scale`: dask.distributed).

Futures only. A task that was on a worker which died is given to another. The wire is not protected by itself: a local
cluster listens on this machine only; for others see TLS in the documentation of dask.distributed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from cmpolicy.errors import CmpolicyError, Problem, system_reason
from cmpolicy.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    T = TypeVar("T")
    R = TypeVar("R")

SECONDS_TO_ANSWER = 5
"""How long a scheduler, and a worker of it, may take to answer at first."""
EXAMPLE = "tcp://10.0.0.5:8786"
# In place of dask.distributed's own, which makes the allocator give memory back at once and arrays twice as slow.
_SPAWNED_WITH = {"OMP_NUM_THREADS": 1, "MALLOC_MMAP_THRESHOLD_": 2**30, "MALLOC_TRIM_THRESHOLD_": 2**30}
# Ctrl-C reaches every process of a terminal: the one that a person runs answers it, and ends the others.
_LEAVE_INTERRUPTS = """
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
"""


_DONE = object()
"""Follows the last result."""


class _Failed(NamedTuple):
    """Stands in the place of a result."""

    error: Exception


class Cluster:
    """A cluster in a `with` block; its `map` goes where a function asks for one.

    A script that starts processes here does so below `if __name__ == "__main__":`, since each of them begins by
    importing it.

    Parameters
    ----------
    workers
        How many processes to start on this machine.
    scheduler
        The address of a running scheduler, such as tcp://10.0.0.5:8786, in place of processes here. Its workers have
        the same version of cmpolicy and see the partitions under the same path.

    Raises
    ------
    CmpolicyError
        On entering the block: if the scheduler or its workers do not answer, or the extra `scale` is not installed.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> with cm.Cluster(workers=2) as cluster:  # doctest: +SKIP
    ...     totals = cm.appraise_partitions("staff-in-partitions", map=cluster.map)
    """

    def __init__(self, workers: int = 2, *, scheduler: str | None = None) -> None:
        self.workers = workers
        self.scheduler = scheduler
        self._client: Any = None
        self._local: Any = None

    def __enter__(self) -> Self:
        try:
            import distributed  # noqa: F401 - only to see whether it is there
        except ImportError:
            raise CmpolicyError(
                Message(
                    "Work on several processes or machines needs {library}, which is not installed: {command}",
                    library="dask.distributed",
                    command="pip install 'cmpolicy[scale]'",
                )
            ) from None
        # What dask.distributed logs is told by this package's own messages, or settled by its own retries.
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            with _interrupts_held_back():
                self._open()
        except BaseException:
            self._close()
            raise
        return self

    def _open(self) -> None:
        import dask.config
        from distributed import Client, LocalCluster

        if self.scheduler is not None:
            self._client = _connected(self.scheduler)
            return
        with dask.config.set({"distributed.nanny.pre-spawn-environ": _SPAWNED_WITH}):
            self._local = LocalCluster(
                n_workers=self.workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                preload=[_LEAVE_INTERRUPTS],
                silence_logs=logging.CRITICAL,
            )
        self._client = Client(self._local, set_as_default=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        with _interrupts_held_back():
            for one in (self._client, self._local):
                if one is not None:
                    one.close()
            self._client = self._local = None

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Run a function on each task; the results come as they are ready.

        Raises
        ------
        CmpolicyError
            If a task ended several workers one after the other, or the cluster was lost.
        """
        from distributed import CancelledError, KilledWorker

        # In a thread: Ctrl-C is answered in the main one, where it must not fall into the midst of dask.distributed.
        results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        left = threading.Event()
        work = threading.Thread(target=self._work, args=(function, list(tasks), results.put, left), daemon=True)
        work.start()
        try:
            while (result := results.get()) is not _DONE:
                if isinstance(result, _Failed):
                    raise result.error
                yield result
        except KilledWorker:
            text = Message("A task ended every worker that took it. Is there too little memory for one partition?")
            raise CmpolicyError(text) from None
        except (CancelledError, OSError):
            text = Message("The cluster was lost. What a journal keeps need not be computed again.")
            raise CmpolicyError(text) from None
        finally:
            left.set()

    def _work(
        self, function: Callable[[Any], object], tasks: list[Any], put: Callable[[object], None], left: threading.Event
    ) -> None:
        """Put the results as they are ready; then that it is done, or what went wrong. Stop where nobody wants them."""
        from distributed import as_completed

        try:
            for future in as_completed(self._client.map(function, tasks, pure=False), loop=self._client.loop):
                if left.is_set():
                    return
                put(future.result())
            put(_DONE)
        except Exception as error:  # noqa: BLE001 - raised where the results are waited for
            put(_Failed(error))


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Answer Ctrl-C only after a block; threads and processes that begin in it never get one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it lets a thread that starts it be interrupted again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _connected(address: str) -> Any:
    """Connect to a scheduler that has workers."""
    from distributed import Client

    wanted = Message("the address of a running scheduler with workers, such as {example}", example=EXAMPLE)
    reason = _why_no_scheduler(address)
    if reason is not None:
        what = Message("The scheduler {address} does not answer as one.", address=address)
        raise CmpolicyError(what, [Problem(Message("{reason}.", reason=reason), expected=wanted)])
    client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except TimeoutError:
        client.close()
        what = Message("The scheduler {address} has no workers.", address=address)
        raise CmpolicyError(what, [Problem(Message("no answer"), expected=wanted)]) from None
    return client


def _why_no_scheduler(address: str) -> Message | None:
    """Say why there is no scheduler at an address; None where there is one."""
    from distributed.comm.addressing import parse_host_port

    no_address = Message("This is no address of the form {form}", form="tcp://HOST:PORT")
    try:
        host, port = parse_host_port(address)
        socket.create_connection((host, port), SECONDS_TO_ANSWER).close()  # says at once why nobody is there
    except socket.gaierror:
        return Message("The network does not know the name {host}", host=host)
    except TimeoutError:
        return Message("Connection timed out")
    except OSError as error:
        return system_reason(error)
    except (ValueError, OverflowError):
        return no_address
    try:
        # In a thread, since a notebook has a loop of its own already.
        with ThreadPoolExecutor(1) as thread:
            kind = thread.submit(asyncio.run, asyncio.wait_for(_kind_of(address), SECONDS_TO_ANSWER)).result()
    except ValueError:  # dask.distributed does not know the protocol
        return no_address
    except Exception:  # noqa: BLE001 - whatever it is that answers there, it is no scheduler
        kind = None
    if kind == "Scheduler":
        return None
    return Message("Something else listens there, no scheduler of {library}", library="dask.distributed")


async def _kind_of(address: str) -> str:
    """Ask who listens at an address, before a client is made: one that cannot connect may wait without end."""
    from distributed.core import rpc
    from distributed.security import Security

    async with rpc(address, connection_args=Security().get_connection_args("client")) as there:
        return str((await there.identity())["type"])
