"""Refresh the Chinese catalogue: `python -m cmpolicy.catalogue`. It tells which messages are not translated yet."""

from __future__ import annotations

import ast
import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from cmpolicy.messages import CATALOGUE

PACKAGE = Path(__file__).parent


def templates() -> list[str]:
    """Find the template of every `Message("…")` in the package, in alphabetical order.

    By syntax tree, since gettext's own tools do not look inside f-strings.

    Examples
    --------
    >>> "There is no clause {name}." in templates()
    True
    """
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("Message"), args=[ast.Constant(str(template)), *_]):
                    found.add(template)
    return sorted(found)


def refresh(path: Path = CATALOGUE) -> list[str]:
    """Give a catalogue the messages of the package, and leave out those that are no longer there.

    Returns
    -------
    list of str
        The messages that are not translated.
    """
    wanted = Catalog()
    for template in templates():
        wanted.add(template)
    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    catalogue.update(wanted, no_fuzzy_matching=True)
    # No header, no dates and no line numbers: a change in the file is a change in the texts.
    written = io.BytesIO()
    write_po(written, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True)
    path.write_bytes(written.getvalue())
    return [str(message.id) for message in catalogue if message.id and not message.string]


if __name__ == "__main__":
    for untranslated in refresh():
        print(untranslated)  # noqa: T201 - for the translator
