"""Regular expressions as Excel has them (PCRE2), calculated by Python's `re` where both mean the same.

https://www.pcre.org/current/doc/html/pcre2pattern.html. Where Python has no like of it, or where it is not known
whether Excel's \\w and its kin go beyond ASCII, the formula is refused: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

from sheetgpt.errors import FormulaError

Answer = TypeVar("Answer")


class PatternError(Exception):
    """The text is no regular expression: #VALUE! in Excel."""


_ESCAPES = {
    "h": "[ \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]",
    "R": "(?>\\r\\n|\\n|\\x0b|\\f|\\r|\\x85|\\u2028|\\u2029)",
    "N": "[^\\n]",
    "z": "\\Z",
    "Z": "(?=\\n?\\Z)",
    "e": "\\x1b",
}
_SAME = frozenset("dDwWsSbBAnrtfa")
_SAME_IN_CLASS = frozenset("dDwWsSnrtfab")
_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t\\n\\r\\f\\v",
    "blank": " \\t",
    "xdigit": "0-9A-Fa-f",
    "word": "a-zA-Z0-9_",
    "cntrl": "\\x00-\\x1f\\x7f",
    "print": " -~",
    "graph": "!-~",
}
# What Python and PCRE2 both refuse; other complaints of Python's may be about what PCRE2 can.
_BOTH_REFUSE = re.compile(
    r"missing \), unterminated subpattern|unbalanced parenthesis|unterminated character set|"
    r"bad character range|invalid group reference|bad escape \(end of pattern\)|unknown group name"
)


def search(pattern: str, text: str, caseless: bool) -> re.Match[str] | None:
    """The first match of a pattern in a text; raises PatternError, or FormulaError for what is not known."""
    return _agreed(pattern, text, caseless, lambda expression: expression.search(text), _span)


def find_all(pattern: str, text: str, caseless: bool) -> list[re.Match[str]]:
    """All matches, from left to right; raises as `search`."""
    return _agreed(pattern, text, caseless, lambda expression: list(expression.finditer(text)), _spans)


def _span(match: re.Match[str] | None) -> object:
    return match and match.regs


def _spans(matches: list[re.Match[str]]) -> object:
    return [match.regs for match in matches]


def _agreed(
    pattern: str,
    text: str,
    caseless: bool,
    ask: Callable[[re.Pattern[str]], Answer],
    summary: Callable[[Answer], object],
) -> Answer:
    """The answer, if it is the same whether \\w, \\d, \\s, \\b and case are those of ASCII or of Unicode."""
    answer = ask(_compiled(pattern, caseless, False))
    if not (text.isascii() and pattern.isascii()):
        other = ask(_compiled(pattern, caseless, True))
        if summary(answer) != summary(other):
            raise FormulaError(
                f"it is not known how Excel matches {pattern!r} with letters beyond ASCII",
                "name the letters in brackets, such as [a-zà-ÿ], in place of \\w, \\d, \\s or \\b",
            )
    return answer


@lru_cache(maxsize=1024)
def _compiled(pattern: str, caseless: bool, ascii_only: bool) -> re.Pattern[str]:
    try:
        translated = "".join(_Reader(pattern).pieces())
        return re.compile(translated, (re.IGNORECASE if caseless else 0) | (re.ASCII if ascii_only else 0))
    except re.error as error:
        if _BOTH_REFUSE.search(str(error)) or (error.pos == 0 and "nothing to repeat" in str(error)):
            raise PatternError(str(error)) from None
        raise _unsupported(pattern, str(error)) from None
    except (RecursionError, OverflowError):
        raise _unsupported(pattern, "too large") from None


def _unsupported(pattern: str, what: str) -> FormulaError:
    return FormulaError(
        f"the regular expression {pattern!r} cannot be calculated: {what}",
        "write it with what PCRE2 and Python's re have in common",
    )


class _Reader:
    """A pattern of PCRE2, read piece by piece and written as Python's."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def pieces(self) -> Iterator[str]:
        """The pieces of Python's pattern."""
        while self.at < len(self.pattern):
            character = self.pattern[self.at]
            if character == "\\":
                yield self.escape(_ESCAPES, _SAME)
            elif character == "[":
                yield from self.character_class()
            elif character == "(":
                yield self.group()
            else:
                self.check_repeat()
                self.at += 1
                yield character

    def refuse(self, what: str) -> FormulaError:
        return _unsupported(self.pattern, what)

    def check_repeat(self) -> None:
        """Whether {,n} is a repeat depends on the version of PCRE2."""
        if re.compile(r"\{\s*,\s*\d+\s*\}|\{\s+\d|\{\d+\s+|\{\d+,\s").match(self.pattern, self.at):
            raise self.refuse("a repeat with spaces or without its least number")

    def escape(self, escapes: dict[str, str], same: frozenset[str]) -> str:
        """What stands for a backslash and what follows it."""
        follows = self.pattern[self.at + 1 : self.at + 2]
        if not follows:
            raise PatternError("a backslash at the end")
        if found := re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}|\\x([0-9A-Fa-f]{0,2})").match(self.pattern, self.at):
            self.at = found.end()
            code = int(found[1] or found[2] or "0", 16)
            if code > 0x10FFFF:
                raise PatternError("a character beyond Unicode")
            return re.escape(chr(code))
        if follows == "Q":
            end = self.pattern.find("\\E", self.at)
            start, self.at = self.at + 2, len(self.pattern) if end < 0 else end + 2
            return re.escape(self.pattern[start : None if end < 0 else end])
        if follows in "123456789" and escapes:
            return self.back_reference(r"\\(\d+)")
        if follows in "gk" and escapes:
            return self.back_reference(r"\\g\{?(\d+)\}?|\\k(?:<(\w+)>|'(\w+)'|\{(\w+)\})|\\g\{(\w+)\}")
        self.at += 2
        if follows in escapes:
            return escapes[follows]
        if follows in same:
            return "\\" + follows
        if follows.isalnum():
            raise self.refuse(f"\\{follows}")
        return re.escape(follows)

    def back_reference(self, form: str) -> str:
        """What stands for a reference to a group by number or name."""
        found = re.compile(form).match(self.pattern, self.at)
        if not found or (found[1] and (len(found[1]) > 1 or found[1] == "0")):
            raise self.refuse("this reference to a group")
        self.at = found.end()
        name = next(group for group in found.groups() if group)
        return f"(?:\\{name})" if name.isdigit() else f"(?P={name})"

    def character_class(self) -> Iterator[str]:
        """What stands for a class in brackets."""
        yield "["
        self.at += 1
        if self.pattern.startswith("^", self.at):
            self.at += 1
            yield "^"
        first = True
        while self.at < len(self.pattern):
            character = self.pattern[self.at]
            if character == "]" and not first:
                self.at += 1
                yield "]"
                return
            first = False
            yield self.class_item(character)
        raise PatternError("a class without its end")

    def class_item(self, character: str) -> str:
        if character == "\\":
            return self.escape({"h": " \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000"}, _SAME_IN_CLASS)
        if self.pattern.startswith(("[:", "[.", "[="), self.at):
            found = re.compile(r"\[:(\w+):\]").match(self.pattern, self.at)
            if not found or found[1] not in _CLASSES:
                raise self.refuse("this class")
            self.at = found.end()
            return _CLASSES[found[1]]
        self.at += 1
        return "\\" + character if character in "[&|~]" else character

    def group(self) -> str:
        """What stands for the beginning of a group."""
        found = re.compile(r"\((?:\?(?:[:>=!]|<[=!]|#[^)]*\)|P?<\w+>|'\w+'|[ims]+:|P=\w+\)))?").match(
            self.pattern, self.at
        )
        assert found is not None
        text = found[0]
        if text == "(" and self.pattern.startswith(("(?", "(*"), self.at):
            return self.flags()
        self.at = found.end()
        named = re.fullmatch(r"\(\?(?:<(\w+)>|'(\w+)')", text)
        return f"(?P<{named[1] or named[2]}>" if named else text

    def flags(self) -> str:
        """Flags such as (?i), which Python has at the beginning only."""
        found = re.compile(r"\(\?([ims]+)\)").match(self.pattern, self.at)
        if not found or self.at:
            raise self.refuse("this kind of group")
        self.at = found.end()
        return found[0]
