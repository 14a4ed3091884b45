"""CONVERT: https://support.microsoft.com/office/convert-function-d785bef1-808e-4aac-bdcd-666c810f9af2."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sheetgpt.book.values import Value
from sheetgpt.functions.core.coercion import NA
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import lift, strict


class Unit(NamedTuple):
    """What a unit measures, how much of the first unit of its kind it is, and the power of its prefixes (0: none)."""

    kind: str
    factor: float
    power: int = 0


_INCH, _FOOT, _YARD, _MILE, _SEA_MILE = 0.0254, 0.3048, 0.9144, 1609.344, 1852.0
_POUND, _GRAVITY, _LIGHT_YEAR, _POINT = 453.59237, 9.80665, 9_460_730_472_580_800.0, 0.0254 / 72
_HORSEPOWER = 550 * _FOOT * _POUND / 1000 * _GRAVITY
_SURVEY_FOOT = 1200 / 3937
_ATMOSPHERE = 101_325.0
_CUP = 0.2365882365  # of the United States, in litres

# Kind: names (with "*" before units that take prefixes) and the size in the first unit of the kind.
_MEASURES: dict[str, dict[str, float]] = {
    "mass": {
        "*g": 1.0,
        "sg": _POUND * _GRAVITY / _FOOT,
        "lbm": _POUND,
        "*u": 1.660538782e-24,
        "ozm": _POUND / 16,
        "grain": _POUND / 7000,
        "cwt shweight": _POUND * 100,
        "uk_cwt lcwt hweight": _POUND * 112,
        "stone": _POUND * 14,
        "ton": _POUND * 2000,
        "uk_ton LTON brton": _POUND * 2240,
    },
    "distance": {
        "*m": 1.0,
        "mi": _MILE,
        "Nmi": _SEA_MILE,
        "in": _INCH,
        "ft": _FOOT,
        "yd": _YARD,
        "*ang": 1e-10,
        "ell": 45 * _INCH,
        "*ly": _LIGHT_YEAR,
        "*parsec *pc": 3.08567758128155e16,
        "Picapt Pica": _POINT,
        "pica": _INCH / 6,
        "survey_mi": 5280 * _SURVEY_FOOT,
    },
    "time": {"*sec *s": 1.0, "yr": 365.25 * 86400, "day d": 86400.0, "hr": 3600.0, "mn min": 60.0},
    "pressure": {
        "*Pa *p": 1.0,
        "*atm *at": _ATMOSPHERE,
        "*mmHg": 133.322,
        "psi": _POUND / 1000 * _GRAVITY / _INCH**2,
        "Torr": _ATMOSPHERE / 760,
    },
    "force": {"*N": 1.0, "*dyn *dy": 1e-5, "lbf": _POUND / 1000 * _GRAVITY, "*pond": _GRAVITY / 1000},
    "energy": {
        "*J": 1.0,
        "*e": 1e-7,
        "*c": 4.184,
        "*cal": 4.1868,
        "*eV *ev": 1.602176487e-19,
        "HPh hh": _HORSEPOWER * 3600,
        "*Wh *wh": 3600.0,
        "flb": _FOOT * _POUND / 1000 * _GRAVITY,
        "BTU btu": 1055.05585262,
    },
    "power": {"*W *w": 1.0, "HP h": _HORSEPOWER, "PS": 75 * _GRAVITY},
    "magnetism": {"*T": 1.0, "*ga": 1e-4},
    "temperature": {"*K *kel": 1.0, "C cel": 1.0, "F fah": 1.0, "Rank": 1.0, "Reau": 1.0},
    "volume": {
        "*l *L *lt": 1.0,
        "tsp": _CUP / 48,
        "tspm": 0.005,
        "tbs": _CUP / 16,
        "oz": _CUP / 8,
        "cup": _CUP,
        "pt us_pt": _CUP * 2,
        "uk_pt": 0.56826125,
        "qt": _CUP * 4,
        "uk_qt": 1.1365225,
        "gal": _CUP * 16,
        "uk_gal": 4.54609,
        "barrel": _CUP * 16 * 42,
        "bushel": 35.23907016688,
        "GRT regton": 100_000 * _FOOT**3,
        "MTON": 40_000 * _FOOT**3,
    },
    "area": {"uk_acre": 4046.8564224, "us_acre": 43_560 * _SURVEY_FOOT**2, "*ar": 100.0, "ha": 1e4, "Morgen": 2500.0},
    "information": {"*bit": 1.0, "*byte": 8.0},
    "speed": {
        "*m/s *m/sec": 1.0,
        "admkn": 6080 * _FOOT / 3600,
        "kn": _SEA_MILE / 3600,
        "*m/h *m/hr": 1 / 3600,
        "mph": _MILE / 3600,
    },
}
# Squares and cubes of lengths: "m2" and "m^2", "m3" and "m^3"; a cubic metre is 1,000 litres.
_LENGTHS = ("*m", "mi", "Nmi", "in", "ft", "yd", "*ang", "*ly", "Picapt Pica")
_POWERS_OF_TEN = "Y24 Z21 E18 P15 T12 G9 M6 k3 h2 da1 e1 d-1 c-2 m-3 u-6 n-9 p-12 f-15 a-18 z-21 y-24"
_PREFIXES = {text.rstrip("-0123456789"): int(text.lstrip("YZEPTGMkhdaecmunpfzy")) for text in _POWERS_OF_TEN.split()}
_BINARY = {"ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60, "Zi": 70, "Yi": 80}
_TO_CELSIUS: dict[str, Callable[[float], float]] = {
    "C": lambda t: t,
    "F": lambda t: (t - 32) / 1.8,
    "K": lambda t: t - 273.15,
    "Rank": lambda t: t / 1.8 - 273.15,
    "Reau": lambda t: t * 1.25,
}
_FROM_CELSIUS: dict[str, Callable[[float], float]] = {
    "C": lambda t: t,
    "F": lambda t: t * 1.8 + 32,
    "K": lambda t: t + 273.15,
    "Rank": lambda t: (t + 273.15) * 1.8,
    "Reau": lambda t: t / 1.25,
}
_SCALES = {"cel": "C", "fah": "F", "kel": "K"}


def _units() -> dict[str, Unit]:
    """All units by name."""
    units: dict[str, Unit] = {}
    for kind, measures in _MEASURES.items():
        for names, factor in measures.items():
            for name in names.split():
                units[name.removeprefix("*")] = Unit(kind, factor, int(name.startswith("*")))
    for names in _LENGTHS:
        for power, kind, scale in ((2, "area", 1.0), (3, "volume", 1000.0)):
            factor = _MEASURES["distance"][names] ** power * scale
            for name in (name.removeprefix("*") for name in names.split()):
                units[f"{name}{power}"] = units[f"{name}^{power}"] = Unit(kind, factor, power * names.startswith("*"))
    return units


UNITS_BY_NAME = _units()


def _unit(name: str) -> tuple[str, Unit] | None:
    """The unit with its prefix reckoned in, and its name without; None where there is no such unit."""
    if name in UNITS_BY_NAME:
        return name, UNITS_BY_NAME[name]
    for length in (2, 1):
        prefix, rest = name[:length], name[length:]
        unit = UNITS_BY_NAME.get(rest)
        if unit is None or not unit.power:
            continue
        if prefix in _PREFIXES:
            return rest, unit._replace(factor=unit.factor * 10.0 ** (_PREFIXES[prefix] * unit.power))
        if prefix in _BINARY and unit.kind == "information":
            return rest, unit._replace(factor=unit.factor * 2.0 ** _BINARY[prefix])
    return None


def _convert(number: float, source: str, target: str) -> Value:
    given, wanted = _unit(source), _unit(target)
    if given is None or wanted is None or given[1].kind != wanted[1].kind:
        return NA
    if given[1].kind != "temperature":
        return number if given[1] == wanted[1] else number * (given[1].factor / wanted[1].factor)
    scales = [_SCALES.get(name, name) for name, _ in (given, wanted)]
    kelvins = number * given[1].factor
    if scales[0] == scales[1]:
        return kelvins / wanted[1].factor
    return _FROM_CELSIUS[scales[1]](_TO_CELSIUS[scales[0]](kelvins)) / wanted[1].factor


UNITS: dict[str, Function] = {"CONVERT": strict(lift(_convert, "strict number", "text", "text"))}
