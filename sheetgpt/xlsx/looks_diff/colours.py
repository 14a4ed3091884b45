"""Colours of a workbook: written out, of its theme, or by the numbers of Excel's palette -> red, green, blue."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from xml.etree import ElementTree as ET

Colour = tuple[int, int, int]

# ECMA-376, part 1, 18.8.27: indexed colours 8 to 63; 0 to 7 are the first eight again.
_PALETTE_TEXT = """
000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 800000 008000 000080 808000 800080 008080 C0C0C0 808080
9999FF 993366 FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF
00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696
003366 339966 003300 333300 993300 993366 333399 333333
"""
_PALETTE = _PALETTE_TEXT.split()
_ORDER = ("lt1", "dk1", "lt2", "dk2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")
_NEAR = 4  # of 255: programs round tints in other ways


def theme_colours(theme: ET.Element | None) -> list[Colour]:
    """The colours of a theme in the order of their numbers."""
    found: dict[str, Colour] = {}
    scheme = None if theme is None else next(theme.iter("clrScheme"), None)
    for entry in scheme if scheme is not None else ():
        for inner in entry:
            text = inner.get("lastClr") or inner.get("val") or ""
            if len(text) == 6:
                found[entry.tag] = _parse(text)
    defaults = {"lt1": (255, 255, 255), "dk1": (0, 0, 0)}
    return [found.get(name, defaults.get(name, (0, 0, 0))) for name in _ORDER]


def colour_of(element: ET.Element | None, theme: Sequence[Colour], default: Colour | None = None) -> Colour | None:
    """The colour that an element such as <color> says; `default` where it leaves it to the program."""
    if element is None or element.get("auto"):
        return default
    found = default
    if rgb := element.get("rgb"):
        found = _parse(rgb[-6:])
    elif number := element.get("theme"):
        found = theme[int(number)] if int(number) < len(theme) else default
    elif number := element.get("indexed"):
        found = (
            _parse(_PALETTE[int(number) % 8 if int(number) < 8 else int(number) - 8]) if int(number) < 64 else default
        )
    tint = float(element.get("tint", "0"))
    return _tinted(found, tint) if found and tint else found


def near(a: Colour | None, b: Colour | None) -> bool:
    """Whether two colours are the same, but for rounding."""
    if a is None or b is None:
        return a is b
    return max(abs(one - other) for one, other in zip(a, b, strict=True)) <= _NEAR


def _parse(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def _tinted(colour: Colour, tint: float) -> Colour:
    """Lighter (tint above 0) or darker, as ECMA-376 part 1, 18.3.1.15 says."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue, light, saturation))
    return red, green, blue
