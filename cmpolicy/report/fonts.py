"""Chinese glyphs in figures, on Windows, macOS and a bare Linux."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

# The first that is installed is used. Noto Sans SC comes with zhplot (the extra `lab`), under an open licence.
FAMILIES = (
    "Noto Sans SC",
    "Source Han Sans SC",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "Noto Sans CJK JP",
    "SimHei",
    "Arial Unicode MS",
    "DejaVu Sans",
)


@functools.cache
def chinese_families() -> tuple[str, ...]:
    """List the installed font families to draw with, one with Chinese glyphs first where there is any.

    Only installed ones are named: matplotlib warns of each that it looks for in vain.
    """
    from matplotlib.font_manager import fontManager

    package = importlib.util.find_spec("zhplot")  # found, not imported: importing it changes settings of matplotlib
    if package and package.origin:
        for file in (Path(package.origin).parent / "fonts").glob("*.ttf"):
            fontManager.addfont(str(file))
    installed = {font.name for font in fontManager.ttflist}
    return tuple(family for family in FAMILIES if family in installed)


def figure_settings() -> dict[Any, Any]:
    """Give the matplotlib settings of every figure of ours: fonts, and SVG that is the same at every run.

    Text stays text in SVG, so that a browser draws it in its own fonts and it can be selected and read aloud.
    """
    families = chinese_families()
    return {
        "font.family": "sans-serif",
        "font.sans-serif": list(families),
        "axes.unicode_minus": "SimHei" not in families[:1],  # the one of these without a minus sign
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
        "svg.fonttype": "none",
        "svg.hashsalt": "cmpolicy",
    }
