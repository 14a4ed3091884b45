"""The sections of a number format: its pieces, its conditions, and which section a number is shown in."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<elapsed>h+|m+|s+)\]'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<half>AM/PM|A/P)|(?P<exponent>(?<=[0#?.])E[+-])|(?P<general>General)"
    r"|(?P<date>y+|m+|d+|h+|s+|b+|e+)|(?P<digit>[0#?])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<>|<=|>=|<|>|=) *([+-]?\d+\.?\d*(?:E[+-]?\d+)?)", re.IGNORECASE)
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|colou?r *\d{1,2}", re.IGNORECASE)
_LOCALE = re.compile(r"\$(?P<currency>[^-\]]*)(?:-(?P<locale>[0-9a-z]*)(?:,.*)?)?", re.IGNORECASE)
_WITH_CASE = {"quoted", "escaped", "other", "half"}
SYSTEM_DATES = {"F800", "F400"}  # the long date and the time as the system is set to show them
_ENGLISH = {"", "409", "809", "C09", "1009", "1409", "1809"}
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_REST = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}


class Token(NamedTuple):
    """A piece of a format: its kind (a group of the pattern above) and its text."""

    kind: str
    text: str


class Condition(NamedTuple):
    """What stands in brackets before a section, such as [>=100]."""

    sign: str
    limit: float

    def holds(self, number: float) -> bool:
        """Whether the number is meant."""
        return _HOLDS[self.sign](number, self.limit)

    def rest(self) -> Condition:
        """What all other numbers meet."""
        return Condition(_REST[self.sign], self.limit)

    def is_negative(self) -> bool:
        """Whether no number above 0 is meant: then the section shows no sign of its own."""
        if self.sign in ("<", "<="):
            return self.limit <= 0
        return self.sign == "=" and self.limit < 0


@dataclass(slots=True)
class Section:
    """A section of a format; `locale` is another language than English, "" for none."""

    tokens: list[Token] = field(default_factory=list)
    condition: Condition | None = None
    locale: str = ""

    def has(self, *kinds: str) -> bool:
        """Whether any of the tokens is of one of these kinds."""
        return any(token.kind in kinds for token in self.tokens)

    def is_moment(self) -> bool:
        """Whether the section shows a date or time; an e or b within a word is a letter."""
        dated = [token.text[0].lower() for token in self.tokens if token.kind == "date"]
        if dated and set(dated) <= {"b", "e"}:
            return not any(token.kind == "other" and token.text.isalpha() for token in self.tokens)
        return bool(dated) or self.has("elapsed", "half") or self.locale in SYSTEM_DATES

    def is_text(self) -> bool:
        """Whether the section shows a text, by @."""
        return Token("other", "@") in self.tokens


@lru_cache(maxsize=512)
def sections_of(layout: str) -> tuple[Section, ...]:
    """The sections of a format; raises ValueError for what Excel takes for none."""
    sections = [Section()]
    for match in _TOKEN.finditer(layout):
        kind = str(match.lastgroup)
        text = str(match[kind])
        if (kind, text) == ("other", ";"):
            sections.append(Section())
        elif kind == "bracket":
            _read_bracket(text, sections[-1])
        else:
            keeps_case = kind in _WITH_CASE or text[0] in "BE"  # which may turn out to be letters of a word
            sections[-1].tokens.append(Token(kind, text if keeps_case else text.lower()))
    if len(sections) > 4 or any(section.condition for section in sections[2:]):
        raise ValueError("a format has four sections at most, and conditions in the first two only")
    return tuple(sections)


def _read_bracket(text: str, section: Section) -> None:
    """What stands in brackets: a condition, a colour, a currency, a language; else raises ValueError."""
    if match := _CONDITION.fullmatch(text.strip()):
        section.condition = Condition(match[1], float(match[2]))
    elif match := _LOCALE.fullmatch(text):
        locale = (match["locale"] or "").upper().lstrip("0")
        if match["currency"]:
            section.tokens.append(Token("quoted", match["currency"]))
        elif locale not in _ENGLISH:
            section.locale = locale
    elif not _COLOUR.fullmatch(text.strip()):
        raise ValueError(f"[{text}] says nothing in a format")


def section_for(number: float, sections: tuple[Section, ...]) -> tuple[Section, float]:
    """The section for the number, and the number as that section shows it.

    A section that can only be reached by negative numbers shows them without a sign: it brings its own. Raises
    ValueError where conditions leave a number out.
    """
    given = _numeric(sections)
    chosen = [section.condition for section in given[:2]]
    if not any(chosen):
        return _by_sign(number, given)
    first = chosen[0] or Condition(">", 0.0)
    second = chosen[1] if len(chosen) > 1 else None
    if len(given) > 2 and second is None:
        second = Condition("<", 0.0)
    if first.holds(number):
        return given[0], abs(number) if first.is_negative() else number
    if len(given) == 1:
        return Section([Token("general", "general")]), number
    if second is None or second.holds(number):
        return given[1], abs(number) if (second or first.rest()).is_negative() else number
    if len(given) == 2:
        raise ValueError("no section of the format is for this number")
    return given[2], number


def _numeric(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections for numbers: a last one with @ is for texts."""
    numeric = sections[:3]
    return numeric[:-1] if len(numeric) > 1 and len(sections) < 4 and numeric[-1].is_text() else numeric


def _by_sign(number: float, sections: tuple[Section, ...]) -> tuple[Section, float]:
    if len(sections) > 1 and number < 0:
        return sections[1], -number
    if len(sections) > 2 and number == 0:
        return sections[2], number
    return sections[0], number


def section_for_text(sections: tuple[Section, ...]) -> Section | None:
    """The section for texts: the fourth, or the last one if it has an @; None if there is none."""
    if len(sections) == 4:
        return sections[3]
    return sections[-1] if sections[-1].is_text() else None


def literal(tokens: list[Token]) -> str:
    """The text of tokens that stand for themselves; a space in place of _x, nothing in place of *x."""
    return "".join(" " if token.kind == "space" else token.text for token in tokens if token.kind != "fill")
