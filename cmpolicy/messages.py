"""Text for people, in Chinese and in English.

A `Message` is an English template with its values. It is rendered only when it is shown, so one error or note can be
read in either language. Chinese comes from the gettext catalogue in `locale/`.
"""

from __future__ import annotations

import contextvars
import functools
import gettext
import locale
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LANGUAGES = ("zh", "en")
CATALOGUE = Path(__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES" / "cmpolicy.po"

_chosen: contextvars.ContextVar[str | None] = contextvars.ContextVar("cmpolicy_language", default=None)


def language() -> str:
    """Tell the language in use: the one set, else `CMPOLICY_LANG`, else the locale's, else English."""
    return _chosen.get() or _language_of(os.environ.get("CMPOLICY_LANG")) or _language_of(_locale_name()) or "en"


def set_language(code: str | None) -> None:
    """Choose the language of everything that is shown from now on.

    Parameters
    ----------
    code
        "zh", "en", or None to go back to `CMPOLICY_LANG` and the locale.

    Raises
    ------
    ValueError
        If `code` is none of these.

    Examples
    --------
    >>> set_language("zh"); language()
    'zh'
    >>> set_language(None)
    """
    if code is not None and code not in LANGUAGES:
        expected = f"language must be one of {', '.join(LANGUAGES)} or None, not {code!r}"
        raise ValueError(expected)
    _chosen.set(code)


@contextmanager
def using_language(code: str | None) -> Iterator[None]:
    """Use a language inside a `with` block.

    Examples
    --------
    >>> with using_language("zh"):
    ...     language()
    'zh'
    """
    before = _chosen.set(code)
    try:
        yield
    finally:
        _chosen.reset(before)


class Message:
    """A text for people: an English template and the values that go into it.

    Parameters
    ----------
    template
        English text with `{name}` places; it is the key of the translation.
    **values
        What goes into the places: text, numbers or other messages.

    Examples
    --------
    >>> with using_language("en"):
    ...     str(Message("{count} rows were skipped.", count=2))
    '2 rows were skipped.'
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        template = self.template
        if language() == "zh":
            template = _chinese().gettext(template)
        return template.format(**self.values)

    def __repr__(self) -> str:
        values = "".join(f", {name}={value!r}" for name, value in self.values.items())
        return f"Message({self.template!r}{values})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.template, self.values) == (other.template, other.values)

    def __hash__(self) -> int:
        return hash((self.template, tuple(sorted((name, str(value)) for name, value in self.values.items()))))


class _List(Message):
    """Texts one after the other."""

    __slots__ = ()

    def __init__(self, parts: tuple[object, ...]) -> None:
        super().__init__("{parts}", parts=parts)

    def __str__(self) -> str:
        parts: Any = self.values["parts"]
        return str(Message(", ")).join(map(str, parts))


def list_of(parts: Iterable[Message | str]) -> Message:
    """Join texts to a list, with the comma of the language in use.

    Examples
    --------
    >>> with using_language("zh"):
    ...     print(list_of(["A", "B", "C"]))
    A、B、C
    """
    return _List(tuple(parts))


def _language_of(name: str | None) -> str | None:
    code = (name or "").lower().replace("chinese", "zh")[:2]  # Windows says Chinese_China
    return code if code in LANGUAGES else None


def _locale_name() -> str | None:
    # The variables first, as gettext does: the locale that they name need not be installed.
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    try:
        return next(filter(None, named), None) or locale.getlocale()[0]
    except ValueError:  # a locale name that Python does not know
        return None


@functools.cache
def _chinese() -> gettext.NullTranslations:
    # Compiled here, in memory, so that the repository holds the readable catalogue only.
    import io

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
