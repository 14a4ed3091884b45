"""Numbers in a section of digits: 0 # ?, the point, thousands, scaling commas, percent, exponents, fractions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sheetgpt.functions.core.format_sections import Token, literal

if TYPE_CHECKING:  # else it is imported where it is needed, as it takes its time
    from fractions import Fraction

_COMMA, _POINT, _PERCENT, _SLASH = (Token("other", text) for text in ",.%/")


def number_text(number: float, tokens: list[Token]) -> str:
    """A number in a section that has digits; the sign stands before all else."""
    number *= 100.0 ** tokens.count(_PERCENT)
    if _SLASH in tokens and any(t.kind == "digit" or t.text.isdigit() for t in tokens[tokens.index(_SLASH) :]):
        return ("-" if number < 0 else "") + _fraction_text(abs(number), tokens)
    number, tokens = _scaled(number, tokens)
    at = next((i for i, token in enumerate(tokens) if token.kind == "exponent"), None)
    return _plain(number, tokens) if at is None else _scientific(number, tokens[:at], tokens[at:])


def rounded(number: float, places: int) -> str:
    """The decimal digits of a number of 0 or more, rounded as its 15 significant digits say."""
    mantissa, _, power = format(number, ".14e").partition("e")
    digits, point = mantissa.replace(".", ""), int(power) + 1
    digits = "0" * max(0, 1 - point) + digits
    point = max(point, 1)
    digits = digits.ljust(point + places + 1, "0")
    kept, following = digits[: point + places], digits[point + places]
    whole = str(int(kept) + (following >= "5")).rjust(point + places, "0")
    return whole[: len(whole) - places] + ("." + whole[len(whole) - places :] if places else "")


def general_in_cell(number: float) -> str:
    """A number as the format General shows it in a cell: eleven characters at most, without the sign."""
    sign, number = "-" if number < 0 else "", abs(number)
    if number == 0:
        return "0"
    exponent = int(format(number, ".14e").partition("e")[2])
    if -5 < exponent < 11:
        return sign + _trimmed(rounded(number, min(9, max(0, 9 - exponent))))
    short = _trimmed(rounded(number, 9)) if exponent < 0 else "0"
    if float(short) == float(format(number, ".15g")):
        return sign + short
    mantissa, _, power = format(number, ".5e").partition("e")
    return f"{sign}{_trimmed(mantissa)}E{power[0]}{power[1:].rjust(2, '0')}"


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _scaled(number: float, tokens: list[Token]) -> tuple[float, list[Token]]:
    """Commas right behind the last digit before the point, or at the end, divide by 1,000 each."""
    last = max(i for i, token in enumerate(tokens) if token.kind == "digit")
    point = tokens.index(_POINT) if _POINT in tokens else len(tokens)
    kept = list(tokens)
    for place in {last, max((i for i in range(point) if tokens[i].kind == "digit"), default=last)}:
        after = place + 1
        while after < len(tokens) and tokens[after] == _COMMA:
            number /= 1000.0
            kept[after] = Token("fill", "")
            after += 1
    return number, [token for token in kept if token != Token("fill", "")]


def _plain(number: float, tokens: list[Token]) -> str:
    point = tokens.index(_POINT) if _POINT in tokens else len(tokens)
    before, after = tokens[:point], tokens[point + 1 :]
    places = sum(token.kind == "digit" for token in after)
    digits = rounded(abs(number), places)
    whole, _, fraction = digits.partition(".")
    text = _whole(whole.lstrip("0"), [token for token in before if token != _COMMA], _COMMA in before)
    if point < len(tokens):
        text += "." + _after_point(fraction, after)
    return ("-" if number < 0 and digits.strip("0.") else "") + text


def _whole(digits: str, tokens: list[Token], separated: bool) -> str:
    """The digits before the point put into their places, from the right; surplus digits into the first."""
    pieces: list[str] = []
    places = sum(token.kind == "digit" for token in tokens)
    count = 0
    for token in reversed(tokens):
        if token.kind != "digit":
            pieces.append(literal([token]))
            continue
        places -= 1
        filler = {"0": "0", "?": " "}.get(token.text, "")
        for digit in (reversed(digits) if digits else [filler]) if places == 0 else [digits[-1:] or filler]:
            pieces.append("," if separated and digit.isdigit() and count and count % 3 == 0 else "")
            pieces.append(digit)
            count += digit != ""
        digits = digits[:-1]
    return "".join(reversed(pieces))


def _after_point(digits: str, tokens: list[Token]) -> str:
    pieces: list[str] = []
    shown = len(digits.rstrip("0"))
    place = 0
    for token in tokens:
        if token.kind != "digit":
            pieces.append(literal([token]))
            continue
        pieces.append(digits[place] if place < shown or token.text == "0" else " " * (token.text == "?"))
        place += 1
    return "".join(pieces)


def _scientific(number: float, mantissa: list[Token], rest: list[Token]) -> str:
    exponent = math.floor(math.log10(abs(number))) if number else 0
    point = mantissa.index(_POINT) if _POINT in mantissa else len(mantissa)
    width = max(1, sum(token.kind == "digit" for token in mantissa[:point]))
    exponent -= exponent % width
    places = sum(token.kind == "digit" for token in mantissa[point:])
    scaled = number / 10.0**exponent if exponent > -300 else number * 1e300 / 10.0 ** (exponent + 300)
    if len(rounded(abs(scaled), places).partition(".")[0]) > width:
        exponent += width
        scaled /= 10.0**width
    sign = "-" if exponent < 0 else ("+" if rest[0].text.endswith("+") else "")
    return _plain(scaled, mantissa) + "E" + sign + _whole(str(abs(exponent)).lstrip("0"), rest[1:], False)


def _fraction_text(number: float, tokens: list[Token]) -> str:
    """A number as a fraction, # ?/? or # ?/8; without digits for whole numbers the fraction has them too."""
    slash = tokens.index(_SLASH)
    start, end = _run(tokens, slash, -1), _run(tokens, slash, 1)
    numerator, denominator = tokens[start:slash], tokens[slash + 1 : end]
    whole = tokens[:start]
    has_whole = any(token.kind == "digit" for token in whole)
    fraction = _nearest(number, numerator, denominator, has_whole)
    units, rest = divmod(fraction, 1) if has_whole else (0, fraction)
    if has_whole and not (units or rest):
        shown = _with_zero(whole)
    elif has_whole:
        shown = _whole(str(units).lstrip("0"), whole, False)
    else:
        shown = literal(whole)
    return shown + _ratio(rest, numerator, denominator, has_whole) + literal(tokens[end:])


def _with_zero(whole: list[Token]) -> str:
    """The whole part of 0, of which one digit is always shown."""
    last = max(i for i, token in enumerate(whole) if token.kind == "digit")
    return _whole("", [*whole[:last], Token("digit", "0"), *whole[last + 1 :]], False)


def _run(tokens: list[Token], slash: int, step: int) -> int:
    """Where the digits beside the slash begin (step -1) or end (step 1)."""
    at = slash + step
    while 0 <= at < len(tokens) and (tokens[at].kind == "digit" or tokens[at].text.isdigit()):
        at += step
    return at + 1 if step < 0 else at


def _is_fixed(denominator: list[Token]) -> bool:
    return any(token.kind != "digit" for token in denominator)


def _nearest(number: float, numerator: list[Token], denominator: list[Token], has_whole: bool) -> Fraction:
    from fractions import Fraction

    exact = Fraction(format(number, ".15g"))
    if _is_fixed(denominator):
        parts = int("".join(token.text for token in denominator))
        return Fraction(math.floor(exact * parts + Fraction(1, 2)), parts) if parts else Fraction(0)
    digits = max(len(denominator), len(numerator)) if has_whole else len(denominator)
    return _convergent(exact, 10 ** min(digits, 7) - 1)


def _convergent(exact: Fraction, most: int) -> Fraction:
    """The last convergent of the continued fraction whose denominator is not too large; pi is 22/7 up to 99.

    So programs that follow Excel have it (SheetJS frac, after Aberth); there may be nearer fractions.
    """
    from fractions import Fraction

    before, found = (0, 1), (1, 0)
    rest = exact
    while True:
        whole = math.floor(rest)
        following = whole * found[0] + before[0], whole * found[1] + before[1]
        if following[1] > most:
            return Fraction(*found)
        before, found = found, following
        if rest - whole < Fraction(1, 20_000_000):
            return Fraction(*found)
        rest = 1 / (rest - whole)


def _ratio(rest: Fraction, numerator: list[Token], denominator: list[Token], has_whole: bool) -> str:
    width = len(numerator) + 1 + len(denominator)
    if has_whole and not rest and all(token.text in "#?" for token in numerator):
        return " " * width
    fixed = _is_fixed(denominator)
    parts = int("".join(token.text for token in denominator)) if fixed else rest.denominator
    below = str(parts)
    if not fixed:
        below = below.ljust(len(denominator)) if denominator[0].text == "?" else below.rjust(len(denominator), "0")
    above = _whole(str(int(rest * parts)).lstrip("0"), numerator, False)
    return (above if above.strip() else above[:-1] + "0") + "/" + below
