"""What an entry of the list of known disagreements says."""

from __future__ import annotations

from dataclasses import dataclass

BOTH = ("LibreOffice", "IronCalc")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A disagreement: of which programs and calls it speaks (regular expressions), the reason, and who is right."""

    functions: str = ""  # names with spaces between them; none: all
    programs: tuple[str, ...] = BOTH
    formula: str = ""
    arguments: str = ""  # searched in "SUM(number, text)": the function with the kinds of its arguments
    ours: str = ".*"  # the kind of our value
    theirs: str = ".*"
    tolerance: float = 0.0  # the values differ by no more than this part of them
    early: bool = False  # only where an argument, or our value, is a number below that of 1 March 1900
    period: int | None = None  # the values differ by a multiple of the argument in this place, to their tolerance
    what: str  # in words, for the page
    right: str  # who is right, by which source
