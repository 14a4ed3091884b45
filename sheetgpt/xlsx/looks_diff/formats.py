"""The formats that a styles part lists -> what cells of each look like, and in what two of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from sheetgpt.xlsx.looks_diff.colours import Colour, colour_of, near, theme_colours
from sheetgpt.xlsx.looks_diff.xml_tree import child, children, is_on, parse
from sheetgpt.xlsx.number_formats import BUILT_IN

Value = str | Colour | None
Format = dict[str, dict[str, Value]]  # kind ("font") -> property -> value

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|([$€£ /:()!^&\'~{}<>=+-])')
_COLOUR = re.compile(r"(?<=\[)[A-Za-z]{3,}\d*(?=\])")
_OPEN = ("name", "size")  # a font may leave them to the program
_SIDES = ("left", "right", "top", "bottom", "diagonal")


def read_formats(styles: bytes | None, theme: bytes | None) -> list[Format]:
    """What cells look like, by the number of their format; one plain format without a styles part."""
    root = ET.Element("styleSheet") if styles is None else parse(styles)
    colours = theme_colours(parse(theme) if theme else None)
    codes = {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in root.iter("numFmt")}
    fonts = [_font(one, colours) for one in children(child(root, "fonts"), "font")]
    fills = [_fill(one, colours) for one in children(child(root, "fills"), "fill")]
    borders = [_border(one, colours) for one in children(child(root, "borders"), "border")]
    found: list[Format] = []
    for entry in children(child(root, "cellXfs"), "xf") or [ET.Element("xf")]:
        number = int(entry.get("numFmtId", "0"))
        found.append(
            {
                "number format": {"": plain_code(codes.get(number, BUILT_IN.get(number, f"number {number}")))},
                "font": _entry(fonts, entry.get("fontId")),
                "fill": _entry(fills, entry.get("fillId")),
                "border": _entry(borders, entry.get("borderId")),
                "alignment": _alignment(entry.find("alignment")),
                "protection": _protection(entry.find("protection")),
            }
        )
    return found


def differences(a: Format, b: Format) -> Iterator[tuple[str, str, str]]:
    """In what two formats differ: kind, and what each says of it in words."""
    for kind in a:
        names = [name for name in {**a[kind], **b[kind]} if not _same(name, a[kind].get(name), b[kind].get(name))]
        if names:
            yield kind, _words(a[kind], names), _words(b[kind], names)


def plain_code(code: str) -> str:
    """A number format in one way to write it: literal characters in one pair of quotes, General in one way."""
    text = _LITERAL.sub(lambda match: '"' + (match[1] or match[2] or match[3] or "") + '"', code)
    text = text.replace('""', "")
    text = _COLOUR.sub(lambda match: match[0].capitalize(), text)
    return re.sub("general", "General", text, flags=re.IGNORECASE)


def _entry(known: Sequence[dict[str, Value]], number: str | None) -> dict[str, Value]:
    at = int(number or 0)
    return known[at] if at < len(known) else {}


def _same(name: str, a: Value, b: Value) -> bool:
    if name in _OPEN and (a is None or b is None):
        return True
    if isinstance(a, tuple) or isinstance(b, tuple):
        return isinstance(a, tuple) and isinstance(b, tuple) and near(a, b)
    return a == b


def _words(values: Mapping[str, Value], names: Sequence[str]) -> str:
    return ", ".join(f"{name} {_word(values.get(name))}".strip() for name in names)


def _word(value: Value) -> str:
    if isinstance(value, tuple):
        return "#" + "".join(f"{part:02X}" for part in value)
    return "none" if value is None else value


def _font(font: ET.Element, theme: Sequence[Colour]) -> dict[str, Value]:
    found: dict[str, Value] = {"color": colour_of(font.find("color"), theme, (0, 0, 0))}
    for name, tag in (("name", "name"), ("size", "sz"), ("position", "vertAlign")):
        entry = font.find(tag)
        found[name] = None if entry is None else entry.get("val")
    found["position"] = None if found["position"] == "baseline" else found["position"]
    found["size"] = None if found["size"] is None else f"{float(str(found['size'])):g}"
    for name, tag in (("bold", "b"), ("italic", "i"), ("strike", "strike")):
        entry = font.find(tag)
        found[name] = "yes" if entry is not None and is_on(entry.get("val", "1")) else None
    line = font.find("u")
    kind = None if line is None else line.get("val", "single")
    found["underline"] = None if kind == "none" else kind
    return found


def _fill(fill: ET.Element, theme: Sequence[Colour]) -> dict[str, Value]:
    pattern = fill.find("patternFill")
    if pattern is None:
        return {"pattern": "gradient"} if len(fill) else {"pattern": None}
    kind = pattern.get("patternType", "none")
    if kind == "none":
        return {"pattern": None}
    found: dict[str, Value] = {"pattern": kind, "color": colour_of(pattern.find("fgColor"), theme, (0, 0, 0))}
    return found if kind == "solid" else found | {"ground": colour_of(pattern.find("bgColor"), theme, (255, 255, 255))}


def _border(border: ET.Element, theme: Sequence[Colour]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for side in _SIDES:
        line = border.find(side)
        kind = None if line is None else line.get("style")
        if line is not None and kind not in (None, "none"):
            found[side] = kind
            found[f"{side} color"] = colour_of(line.find("color"), theme, (0, 0, 0))
    return found


def _alignment(entry: ET.Element | None) -> dict[str, Value]:
    given = {} if entry is None else entry.attrib
    defaults = {"horizontal": "general", "vertical": "bottom", "textRotation": "0", "indent": "0"}
    found: dict[str, Value] = {name: given.get(name, plain) for name, plain in defaults.items()}
    for name in ("wrapText", "shrinkToFit"):
        found[name] = "yes" if is_on(given.get(name)) else None
    return found


def _protection(entry: ET.Element | None) -> dict[str, Value]:
    given = {} if entry is None else entry.attrib
    locked, hidden = is_on(given.get("locked", "1")), is_on(given.get("hidden"))
    return {"locked": "yes" if locked else None, "hidden": "yes" if hidden else None}
