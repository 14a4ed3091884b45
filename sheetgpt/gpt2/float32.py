"""float32 -> the shortest decimal that gives it back, many at once and on all cores.

A decimal of up to 9 digits is a whole number divided by a power of ten, which float64 does with a single rounding. So
each count of digits is tried for all numbers together: the nearest such decimal, and whether float32 takes it back.
Where float64 cannot be sure (a tie between two decimals, the edge of what rounds to a number, powers of two, very small
and large numbers), orjson says it, one number at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import orjson

from sheetgpt.system.threads import cores

_AT_ONCE = 1 << 15  # numbers: the arrays stay in the processor's cache
_DIGITS = 9  # that any float32 needs at most
_POWERS = np.array([10.0**k for k in range(23)])  # these are exact in float64
_ALMOST_A_TIE = 0.5 - 1e-6  # in units of the last digit; a product is right to 2e-7 of one
_BEHIND = (1 << 29) - 1  # bits that float64 has more than float32
_MANTISSA = (1 << 23) - 1


def shortest_decimals(numbers: np.ndarray) -> np.ndarray:
    """float64 of the shortest decimal text of each number's float32; e.g. float32(0.1) -> 0.1, not 0.10000000149."""
    found = np.empty(numbers.shape)
    flat, given = found.ravel(), numbers.ravel()

    def fill(start: int) -> None:
        flat[start : start + _AT_ONCE] = _shortest(given[start : start + _AT_ONCE].astype(np.float32))

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(fill, range(0, flat.size, _AT_ONCE)))
    return found


def _shortest(single: np.ndarray) -> np.ndarray:
    size = np.abs(single).astype(np.float64)
    sure = (size >= 1e-13) & (size < 1e6) & (single.view(np.int32) & _MANTISSA != 0)
    size[~sure] = 1.5  # any number will do
    target = size.astype(np.float32)
    places = _DIGITS - 1 - np.floor(np.log10(size)).astype(np.intp)  # behind the point, of 9 digits
    found, same, close = _nearest(size, target, places)
    sure &= same & ~close
    keep = rest = np.flatnonzero(same & (places > 0))  # those for which a digit less may be enough
    fewer = 0
    while len(rest) and fewer < _DIGITS - 1:
        fewer += 1
        size, target, places = size[keep], target[keep], places[keep]
        decimal, same, close = _nearest(size, target, places - fewer)
        sure[rest[close]] = False
        found[rest[same]] = decimal[same]
        keep = np.flatnonzero(same & (places > fewer))
        rest = rest[keep]
    np.negative(found, out=found, where=single < 0)
    unsure = np.flatnonzero(~sure)
    if len(unsure):
        found[unsure] = orjson.loads(orjson.dumps(single[unsure], option=orjson.OPT_SERIALIZE_NUMPY))
    return found


def _nearest(size: np.ndarray, target: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The decimals with so many places that are nearest to numbers; which are `target` as float32; which are unsure."""
    scale = _POWERS.take(places)
    product = size * scale
    units = np.rint(product)
    decimal = units / scale
    close = np.abs(product - units) > _ALMOST_A_TIE
    close |= (decimal.view(np.int64) & _BEHIND) == (_BEHIND + 1) // 2  # in the middle between two float32
    return decimal, decimal.astype(np.float32) == target, close
