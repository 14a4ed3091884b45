"""Parsing of floats: decimal texts -> float64, many at once and exactly as float() reads them.

A text lies right-aligned in 24 bytes, three little-endian words of 8 characters. Eight digits in a word
become a number by three multiplications (each one joins neighbours: digits to pairs, pairs to fours, fours to
eight). A mantissa below 2**53 divided by a power of ten up to 10**22 is correctly rounded, because both are exact
and IEEE division rounds once (Clinger, "How to read floating point numbers accurately", 1990). With longer mantissas
the quotient is calculated with twice the precision, and what is too close to the middle between two floats to tell is
left to the caller, as are exponents and anything that is no number.
"""

from __future__ import annotations

import numpy as np

WIDTH = 24  # characters
_U8 = np.uint64
_ZEROS = _U8(0x3030303030303030)
_SIXES = _U8(0x0606060606060606)
_HIGH = _U8(0xF0F0F0F0F0F0F0F0)
_POINT_BIT = _U8(0x1010101010101010)  # of "." ^ "0", and of no digit
_POINT = _U8(ord(".") ^ ord("0"))
_EXACT = _U8(1 << 53)
_TENS = np.array([10**k for k in range(20)], dtype=np.uint64)
_POWERS = np.array([float(10**k) for k in range(23)])  # these are exact


def _masks(word: int) -> np.ndarray:
    """For each length of text 0 to 24: the bytes of a word (0: the last 8 characters) that belong to the text."""
    kept = [min(max(length - 8 * word, 0), 8) for length in range(WIDTH + 1)]
    return np.array([(1 << 64) - (1 << (64 - 8 * k)) for k in kept], dtype=np.uint64)


def _places() -> np.ndarray:
    """Digits behind the point, by the binary exponent of the float that marks where it is; 0 without a point."""
    places = np.zeros(2048, dtype=np.intp)
    for place in range(WIDTH):
        places[1023 + 8 * (WIDTH - 1 - place)] = place
    return places


_KEEP = [_masks(word) for word in (2, 1, 0)]
_PLACES = _places()


def parse(words: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Texts of digits with at most one point -> (numbers float64 [n], which of them are right, bool [n]).

    `words` uint64 [n, 3] holds 24 characters each, of which the last `lengths` (1 to 24) are the text; a sign is not
    part of it. Numbers that are not right are left to the caller.
    """
    first = 0 if len(lengths) and int(lengths.max()) > 16 else 1  # most numbers have no more than 16 characters
    values = np.empty((3 - first, len(words)), dtype=np.uint64)
    for word in range(first, 3):
        np.bitwise_xor(words[:, word], _ZEROS, out=values[word - first])
        values[word - first] &= _KEEP[word].take(lengths)
    points, bad = _digits(values)
    place = points[-1] * 2.0**128
    place += points[-2] * 2.0**64
    total = values[-2] * _U8(10**8)
    total += values[-1]
    wrong = (points[-2] != 0) & (points[-1] != 0)
    if first == 0:
        wrong |= (values[0] >= 1000) | (points[0] != 0) & ((points[1] != 0) | (points[2] != 0))
        total += values[0] * _U8(10**16)  # 19 digits fit in 64 bits
        place += points[0]
    wrong |= np.bitwise_or.reduce(bad) != 0
    places = _PLACES.take(place.view(np.int64) >> 52)
    pointed = place != 0
    wrong |= (lengths == pointed) | (places >= len(_POWERS))  # "." is no number
    _join_whole_part(total, places, pointed, wrong)
    numbers = total.astype(np.float64)
    numbers /= _POWERS.take(places, mode="clip")
    right = ~wrong
    long = np.flatnonzero(right & (total >= _EXACT))
    if len(long):
        numbers[long], right[long] = _divide(total[long], _POWERS[places[long]])
    return numbers, right


def _digits(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turns words of 8 characters, each less the character "0", into the numbers of their digits; 0 for a point.

    Gives 1 << (8 * byte of the point), or 0; and what is not 0 where a word holds anything else. New arrays cost
    more time than calculating with them, so they are few.
    """
    points = values & _POINT_BIT
    points >>= _U8(4)
    spare = points * _POINT
    values ^= spare
    np.multiply(points, _U8(0xFF), out=spare)
    spare &= values  # other characters with the bit of the point
    bad = points - _U8(1)
    bad &= points  # more than one point
    bad |= spare
    np.add(values, _SIXES, out=spare)
    spare |= values
    spare &= _HIGH  # neither digits
    bad |= spare
    for factor, shift, mask in (
        (2561, 8, 0x00FF00FF00FF00FF),
        (6553601, 16, 0x0000FFFF0000FFFF),
        (42949672960001, 32, -1),
    ):
        values *= _U8(factor)
        values >>= _U8(shift)
        if mask > 0:
            values &= _U8(mask)
    return points, bad


def _join_whole_part(total: np.ndarray, places: np.ndarray, pointed: np.ndarray, wrong: np.ndarray) -> None:
    """Take out the 0 that stands for the point: digits before it are ten times too large. Changes `total`."""
    one = _TENS.take(np.minimum(places + 1, 19))
    large = np.flatnonzero(pointed & (total >= one))
    if len(large):
        one = one[large]
        wrong[large] |= places[large] > 18
        whole, part = np.divmod(total[large], one)
        total[large] = whole * (one // _U8(10)) + part


def _divide(dividends: np.ndarray, divisors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """uint64 [n] / powers of ten [n] -> (quotients, whether each one is certainly rounded to the nearest float64)."""
    high = dividends.astype(np.float64)
    low = (dividends - high.astype(np.uint64)).view(np.int64).astype(np.float64)  # dividend = high + low, exactly
    first = high / divisors
    product, error = _multiply(first, divisors)
    second = ((high - product) - error + low) / divisors  # quotient = first + second, with 100 bits
    quotients = first + second
    rest = np.abs((first - quotients) + second) / np.spacing(quotients)
    # The nearest float changes half a unit away, or a quarter below a power of two.
    return quotients, (np.abs(rest - 0.5) > 1e-9) & (np.abs(rest - 0.25) > 1e-9)


def _multiply(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a * b as the sum of two float64 without any error (Dekker)."""
    a1, a2 = _halves(a)
    b1, b2 = _halves(b)
    product = a * b
    return product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2


def _halves(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a float64 as a sum of two whose products are exact: 26 bits each."""
    large = a * 134217729.0  # 2**27 + 1
    high = large - (large - a)
    return high, a - high
