"""The number formats of TEXT: sections and conditions, digits, fractions, exponents, dates and times, text.

Left out are other languages than English, digits of other scripts ([DBNum1]) and eras (g): #VALUE!.
"""

from __future__ import annotations

import re

from sheetgpt.book.values import Value
from sheetgpt.functions.core.coercion import VALUE, parse_number, to_text
from sheetgpt.functions.core.format_digits import general_in_cell, number_text, rounded
from sheetgpt.functions.core.format_moment import moment_text
from sheetgpt.functions.core.format_sections import Section, Token, literal, section_for, section_for_text, sections_of

_AT = Token("other", "@")


def format_value(value: Value, layout: str) -> Value:
    """A value as TEXT shows it in a number format; #VALUE! for formats that this module leaves out."""
    number = value if isinstance(value, float) and not isinstance(value, bool) else None
    if isinstance(value, str):
        number = parse_number(value)
    elif value is None:
        number = 0.0
    try:
        sections = sections_of(layout)
        if number is None:
            return _show_text(str(to_text(value)), section_for_text(sections))
        section, shown = section_for(number, sections)
        if section.is_text() and isinstance(value, str):
            return _show_text(value, section)
        return _show_number(shown, section)
    except (ValueError, OverflowError):
        return VALUE


def shows_moment(layout: str) -> bool:
    """Whether a number format shows a number as a day or a time."""
    try:
        return any(section.is_moment() for section in sections_of(layout))
    except ValueError:
        return False


def grouped(number: float, places: int, separator: str = ",") -> str:
    """A number with so many decimal places, halves rounded away from zero, thousands set apart."""
    digits = rounded(abs(number), places)
    whole, _, fraction = digits.partition(".")
    whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", separator, whole)
    negative = number < 0 and digits.strip("0.")
    return f"{'-' if negative else ''}{whole}{'.' + fraction if fraction else ''}"


def _show_text(text: str, section: Section | None) -> str:
    if section is None:
        return text
    return literal([Token("quoted", text) if token == _AT else token for token in section.tokens])


def _show_number(number: float, section: Section) -> Value:
    """A number in its section; where that has no digits, what it says, behind a minus sign if there is need."""
    if section.is_moment():
        return moment_text(number, section.tokens, section.locale)
    if section.has("digit"):
        return number_text(number, section.tokens)
    sign, general = "-" if number < 0 else "", general_in_cell(abs(number))
    return sign + literal([Token("quoted", general) if t.kind == "general" or t == _AT else t for t in section.tokens])
