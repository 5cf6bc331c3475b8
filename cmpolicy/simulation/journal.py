"""What a long run has finished, kept in a folder, so that a run that was interrupted goes on where it was."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.files import write_aside

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
