"""What a long run has finished, kept in a folder, so that a run that was interrupted goes on where it was."""

from __future__ import annotations

import functools
import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.files import write_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

PACKAGE = Path(__file__).parents[1]
ROOMS = ("regulation", "staff", "simulation")


class Journal:
    """Arrays by key, a file each; it is written beside and then renamed, so that it is there whole or not at all.

    Parameters
    ----------
    folder
        Made when the first entry is written. Entries that nobody asks for again stay until the folder is removed.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def get(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Give what is kept under a key; None where there is nothing, or nothing that can be read."""
        try:
            with self._file(key).open("rb") as file, np.load(file, allow_pickle=False) as entry:
                return {name: entry[name] for name in entry.files}
        except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile):
            return None  # absent or damaged: computed again, and written over

    def put(self, key: str, arrays: dict[str, NDArray[Any]]) -> None:
        """Keep arrays under a key.

        Raises
        ------
        CmpolicyError
            If the folder cannot be written.
        """
        name = self._file(key).name

        def write(aside: Path) -> None:
            with (aside / name).open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)

        write_aside(self.folder, write)

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.npz"


class Keeper:
    """Keeps the parts of one long run, under names of all that they depend on.

    Parameters
    ----------
    folder
        Of the journal.
    run
        What the run depends on: its `repr` tells all of it. The program is added.
    """

    def __init__(self, folder: str | Path, run: object) -> None:
        self._journal = Journal(folder)
        self._run = (program(), run)

    def get_or_make(self, part: object, make: Callable[[], dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
        """Give what is kept of a part; make and keep it where there is nothing."""
        key = name_of((self._run, part))
        entry = self._journal.get(key)
        if entry is None:
            entry = make()
            self._journal.put(key, entry)
        return entry


def name_of(what: object) -> str:
    """Name what a result depends on by its `repr`."""
    return hashlib.sha256(repr(what).encode()).hexdigest()


def content_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Name arrays by their content."""
    name = hashlib.sha256()
    for heading, array in arrays.items():
        plain = np.ascontiguousarray(array.astype("U") if array.dtype == object else array)
        name.update(repr((heading, plain.shape, plain.dtype.str)).encode())
        name.update(plain.tobytes())
    return name.hexdigest()


@functools.cache
def program() -> str:
    """Name this version of the program by what decides on results: the sources of rules, reading and simulation."""
    files = [file for room in ROOMS for file in sorted((PACKAGE / room).iterdir()) if file.suffix in (".py", ".yaml")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
