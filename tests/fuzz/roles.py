"""What random arguments each function is given, so that most calls mean something.

A line has functions, a colon, and a word for each argument: a role of `leaves.py`, or the texts to choose from
between bars. From the first word with "?" on they may be left out; the words behind "*" come again and again.
Functions without a line get roles by the kinds of their parameters.
"""

from __future__ import annotations

from collections.abc import Iterable

from sheetgpt.functions import FUNCTIONS, FunctionSpec

_TABLE = """
LN LOG10 SQRT GAMMALN GAMMALN.PRECISE SQRTPI: P
LOG: P ?P
POWER: P s
MOD QUOTIENT: n P
SERIESSUM: u i i r3
ASIN ACOS ATANH FISHER: u
ACOSH: P1
ACOTH: P1
EXP SINH COSH SECH CSCH TANH COTH: s
ROUND ROUNDUP ROUNDDOWN: n m
TRUNC: n ?m
MROUND: P |2|3|0.5|0.1|5|
FLOOR CEILING: P |2|3|0.5|0.1|5|
FLOOR.MATH CEILING.MATH: n ?|2|3|0.5|-2| |0|1|
FLOOR.PRECISE CEILING.PRECISE ISO.CEILING: n ?|2|3|0.5|-2|
FACT FACTDOUBLE: i
GCD LCM: * i
COMBIN COMBINA PERMUT PERMUTATIONA: I i
BITAND BITOR BITXOR: I I
BITLSHIFT BITRSHIFT: I |0|1|2|3|-1|
BASE: I |2|8|16|36|3| ?i
DECIMAL: hex |16|20|36|
BIN2DEC: bin
OCT2DEC: oct
HEX2DEC: hex
BIN2HEX BIN2OCT: bin ?|8|10|
OCT2BIN OCT2HEX: |7|17|"12"|777|0| ?|10|
HEX2BIN HEX2OCT: |"F"|"1A"|7|"0"|"FFFFFFFFFF"| ?|10|
DEC2BIN DEC2HEX DEC2OCT: I ?|10|8|
MULTINOMIAL: * |1|2|3|4|
ROMAN: I ?|0|1|2|3|4|TRUE|FALSE|
ARABIC: |"XIV"|"mcmxc"|"IIII"|""|"-X"|"MMXXVI"|
MMULT: |{1,2;3,4}|{1,0.5;-2,3}| |{2,1;1,5}|{1;2}|
MINVERSE MDETERM: |{1,2;3,4}|{2,1,0;1,3,1;0,1,4}|{4}|{1,0.5;-2,3}|
MUNIT: |2|1|3|
COVAR COVARIANCE.P COVARIANCE.S CORREL PEARSON RSQ SLOPE INTERCEPT STEYX SUMX2MY2 SUMX2PY2 SUMXMY2: pair pair
FORECAST FORECAST.LINEAR: n pair pair
CHISQ.TEST CHITEST: |C2:C9| |M2:M9|C10:C17|
F.TEST FTEST: pair pair
T.TEST TTEST: pair pair |1|2| |1|2|3|
Z.TEST ZTEST: r n ?P
TREND GROWTH: |C2:C17|N3:N17| ?|A2:A17|K3:K17|
LINEST LOGEST: |C2:C17|C2:C9| |A2:A17|K2:K17|A2:A9|B2:B9| ?|TRUE|FALSE|
PROB: |{1,2,3,4}| |{0.1,0.2,0.3,0.4}|{0.25,0.25,0.25,0.25}| |1|2|0| ?|3|4|2.5|
GEOMEAN HARMEAN: * Pr
COUNTIF: any_range criterion
SUMIF AVERAGEIF: any_column criterion ?numbers_column
COUNTIFS: * any_column criterion
SUMIFS AVERAGEIFS MAXIFS MINIFS: numbers_column * any_column criterion
LARGE SMALL: r i
RANK RANK.EQ RANK.AVG: cell_A |A2:A17|A2:A9| ?|0|1|
PERCENTILE PERCENTILE.INC PERCENTILE.EXC: r p
QUARTILE QUARTILE.INC: r |0|1|2|3|4|
QUARTILE.EXC: r |1|2|3|
PERCENTRANK PERCENTRANK.INC PERCENTRANK.EXC: |A2:A17|K2:K17| cell_A ?|2|3|5|
FREQUENCY: r |{0,10,20}|{5;15}|
TRIMMEAN: r p
NORM.S.DIST: s b
NORMSDIST GAUSS PHI: s
NORM.DIST NORMDIST: n n P b
NORM.S.INV NORMSINV: p
NORM.INV NORMINV: p n P
ERF: s ?s
STANDARDIZE: n n P
LOGNORM.DIST: P s P b
LOGNORMDIST: P s P
LOGNORM.INV LOGINV: p s |1|0.5|2|
EXPON.DIST EXPONDIST: P P b
WEIBULL.DIST WEIBULL GAMMA.DIST GAMMADIST: P q q b
GAMMA.INV GAMMAINV: p q q
GAMMA: s
POISSON.DIST POISSON: i P b
BINOM.DIST BINOMDIST: i I p b
BINOM.DIST.RANGE: I p i ?I
BINOM.INV CRITBINOM: I p p
NEGBINOM.DIST: i i p b
NEGBINOMDIST: i i p
HYPGEOM.DIST: |0|1|2|3| |5|8| |6|9| |20|30| b
HYPGEOMDIST: |0|1|2|3| |5|8| |6|9| |20|30|
CONFIDENCE CONFIDENCE.NORM CONFIDENCE.T: p P I
FISHERINV: s
BETA.DIST: p q q b
BETADIST BETA.INV BETAINV: p q q ?|0| |1|
CHISQ.DIST: P i b
CHISQ.DIST.RT CHIDIST: P i
CHISQ.INV CHISQ.INV.RT CHIINV T.INV T.INV.2T TINV: p i
T.DIST: s i b
T.DIST.RT: s i
T.DIST.2T: P i
TDIST: P i |1|2|
F.DIST: P i i b
F.DIST.RT FDIST: P i i
F.INV F.INV.RT FINV: p i i
MATCH: cell_A |A2:A17|A2:A9| |0|
XMATCH: cell_A |A2:A17|A2:A9| ?|0|-1|1| |1|-1|
VLOOKUP: cell_K |K2:O17|K2:N17| |1|3|4| ?|TRUE|FALSE|0|
HLOOKUP: |"whole"|"decimal"|"text"|"d*"| A1:H17 |2|3|5| |FALSE|0|
LOOKUP: cell_K K2:K17 ?numbers_column
ADDRESS: i i ?|1|2|3|4| |TRUE|FALSE|1|
XLOOKUP: cell_A |A2:A17| |B2:B17|C2:C17| ?v |0|-1|1| |1|-1|
AND OR XOR: * b
MID: t i |0|1|2|3|10|
LEFT RIGHT: t ?|0|1|2|3|10|
MIDB: t i i
UNICHAR: |65|233|9731|120|
CHAR: |65|90|97|48|126|
SUBSTITUTE: t |"a"|"p"|"1"|""| |"Q"|""|"xx"| ?|1|2|
REPLACE: t |1|2|3| |0|1|2| t
REPLACEB: w |1|2|3| |0|1|2| w
REPT: t |0|1|2|3.7|
FIND SEARCH FINDB SEARCHB: |"a"|"e"|"p"|"?"|"a*"|""| t ?|1|2|
VALUE: |"12"|"1.5e3"|"50%"|"$5"|"12:30"|"3/4/2021"|"-4"|" 7 "|7|"(5)"|"1,234.5"|
NUMBERVALUE: |"12"|"1,5"|"1.234,5"|"50%"|""|"1 2"| ?|","|"."| |"."|" "|
FIXED DOLLAR USDOLLAR: n ?|0|1|2|-1|3|
TEXT: n format
CONCAT CONCATENATE: * v
TEXTJOIN: |", "|""|"-"| b * v
DATEVALUE: |"3/4/2021"|"2021-03-04"|"4-Mar-2021"|"March 4, 2021"|"1/31/1999"|
TIMEVALUE: |"12:30"|"1:05:07 PM"|"23:59:59"|"0:00"|"6 AM"|
TEXTBEFORE TEXTAFTER: t |"a"|"p"|"e"| ?|1|-1|2|
TEXTSPLIT: t |"a"|"p"|"e"|
DATE: |2020|1999|2024|1900|120| |1|2|6|12|13|0|-3| |1|15|28|31|32|0|-5|
TIME: |0|5|13|23|25| |0|30|59|75| |0|1|59|90|
YEAR MONTH DAY ISOWEEKNUM: d
HOUR MINUTE SECOND: |0.5|0.123|44000.75|0.99999|1.0001|44123.456|
WEEKDAY: d ?|1|2|3|11|12|17|
WEEKNUM: d ?|1|2|11|15|21|
EDATE EOMONTH: d m
DAYS: d d
DAYS360: d d ?b
YEARFRAC: d d ?|0|1|2|3|4|
DATEDIF: |36526|40000|39493| |45000|43524|41333| |"Y"|"M"|"D"|"YM"|"YD"|
NETWORKDAYS: d d ?|E2:E5|
NETWORKDAYS.INTL: d d ?|1|2|7|11|17|"0000011"|"1010100"| |E2:E5|
WORKDAY: d |5|-5|10|0|2.5|-30| ?|E2:E5|
WORKDAY.INTL: d s ?|1|2|7|11|17|"0000011"| |E2:E5|
PMT: rate I money ?money |0|1|
PV FV: rate I money ?money |0|1|
NPER: rate |-100|-250| |1000|2000| ?|0|-500| |0|1|
RATE: I |-100|-250| |2000|1500| ?|0|-500| |0|1|
IPMT PPMT: rate |1|2|5| |5|12| money ?|0|100| |0|1|
CUMIPMT CUMPRINC: |0.01|0.1| |12|24| |1000| |1|3| |3|12| |0|1|
ISPMT: rate |0|1|3| |3|12| money
RRI: I |100|250| |150|80|
PDURATION: |0.02|0.1| |100|250| |300|400|
EFFECT NOMINAL: |0.05|0.2|0.1| |1|4|12|2.7|
NPV: rate * r
IRR: N2:N17 ?|0.1|
MIRR: N2:N17 rate rate
XNPV: |0.09|0.1|0.02| N2:N17 O2:O17
XIRR: N2:N17 O2:O17 ?|0.1|
FVSCHEDULE: money |M2:M6|{0.1,0.2,0.05}|
SLN: |1000|2400| |100|300| |5|7.5|
SYD: |1000|2400| |100|300| |5|7| |1|3|5|
DB: |1000|2400| |100|300| |5|7| |1|3|5| ?|12|7|
DDB: |1000|2400| |100|300| |5|7| |1|3|5| ?|2|1.5|
VDB: |1000|2400| |100|300| |5|7| |0|1|2| |3|4|4.5| ?|2|1.5| |TRUE|FALSE|
AMORLINC AMORDEGRC: 2400 39679 39813 300 |0|1|3|5| |0.15|0.3| |0|1|3|4|
DISC INTRATE YIELDDISC: settle mature |97.5|90| |100|110| ?basis
RECEIVED: settle mature |1000|500| |0.01|0.02| ?basis
PRICEDISC: settle mature |0.05|0.02| 100 ?basis
PRICEMAT: |39493|39700| |39800|40100| |39325|39000| |0.06|0.05| |0.065|0.02| ?basis
YIELDMAT: |39493|39700| |39800|40100| |39325|39000| |0.06|0.05| |99.5|101| ?basis
ACCRINTM: settle mature |0.06|0.1| |1000|500| ?basis
ACCRINT: |39508|39600| |39691|39700| |39569|39650| |0.1|0.06| 1000 |1|2|4| ?basis
TBILLEQ TBILLPRICE: |39538|39500| |39600|39700| |0.09|0.05|
TBILLYIELD: |39538|39500| |39600|39700| |98.45|95|
DOLLARDE DOLLARFR: |1.02|-3.11|5.5|0.25| |16|32|1|100|
COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD: settle mature |1|2|4| ?basis
PRICE: settle mature |0.0575|0.1| |0.065|0.01| |100|110| |1|2|4| ?basis
YIELD: settle mature |0.0575|0.1| |95.04|103| |100|110| |1|2|4| ?basis
DURATION MDURATION: settle mature |0.0575|0.1| |0.065|0.01| |1|2|4| ?basis
ODDFPRICE: 39763 44256 |39736|39370| 39873 |0.0785|0.05| |0.0625|0.03| 100 |1|2| ?basis
ODDFYIELD: 39763 44256 |39736|39370| 39873 |0.0785|0.05| |84.5|99| 100 |1|2| ?basis
ODDLPRICE: 39485 39614 39370 |0.0375|0.05| |0.0405|0.03| 100 |1|2| ?basis
ODDLYIELD: 39485 39614 39370 |0.0375|0.05| |99.8|101| 100 |1|2| ?basis
DSUM DAVERAGE DCOUNT DMAX DMIN DPRODUCT DSTDEV DSTDEVP DVAR DVARP: A1:H17 |"whole"|"decimal"|3|2| |R1:R2|S1:S3|
DCOUNTA DGET: A1:H17 |"whole"|"text"|3|2| |R1:R2|S1:S3|
COMPLEX: s s ?|"i"|"j"|
IMREAL IMAGINARY IMABS IMARGUMENT IMCONJUGATE IMSQRT IMEXP IMLN IMLOG10 IMLOG2 IMSIN IMCOS IMTAN IMCOT: complex
IMSEC IMCSC IMSINH IMCOSH IMSECH IMCSCH: complex
IMSUM IMPRODUCT: * complex
IMSUB IMDIV: complex complex
IMPOWER: complex |2|3|0.5|-1|0|
BESSELI BESSELJ: |0.5|1|2.5|5|10| |0|1|2|5|
BESSELK BESSELY: |0.5|1|2.5|5|10| |0|1|2|5|
CONVERT: n |"m"|"ft"|"km"|"in"| |"mi"|"yd"|"cm"|"m"|
ISEVEN ISODD: n
INDEX: |A2:C17|A2:H9|K2:O17| i |1|2|3|
OFFSET: |A2|B3|C5| |0|1|2| |0|1|2|
CHOOSE: |1|2|3| v v v
IF: b v ?v
IFERROR IFNA: v v
IFS: * b v
SWITCH: |1|2|"a"|A2| |1|"a"|TRUE| v ?v
ROW COLUMN: |A2|B3|K17|
ROWS COLUMNS: |A2:C17|K2:O17|{1,2;3,4}|
SUBTOTAL: |1|2|3|4|5|6|7|8|9|10|11|101|109| only_reference
AGGREGATE: |1|2|4|5|6|9|12|10|7| |0|4|6|2| only_reference
ISREF: |A2|A2:A3|5|
INDIRECT: |"D!A2"|"D!B"&3|"D!C5"|
AREAS: |A2:C17|B3|
TYPE: v
ERROR.TYPE: |#N/A|#DIV/0!|#VALUE!|J4|J9|
SUMPRODUCT: * pair
MODE MODE.SNGL: |A2:A17|K2:K17|{1,2,2,3}|
SEQUENCE: |3|2| ?|1|2|
TAKE DROP: |A2:C17|K2:K17| |1|2|-1| ?|1|
CHOOSEROWS CHOOSECOLS: |A2:C17|A3:E9| |1|2|-1|
WRAPROWS WRAPCOLS: |A2:A17|K2:K17| |2|3| ?0
EXPAND: |A2:B4|C3:C5| |4|5| ?|2|3| 0
TOCOL TOROW: |A2:C4|B3:C9| ?|0|1|
SORT: |A2:A17|K2:K17|A2:B9| ?1 |1|-1|
SORTBY: A2:A17 |B2:B17|C2:C17| ?|1|-1|
UNIQUE: |A2:A17|F2:F17|
FILTER: A2:A17 |H2:H17|
VALUETOTEXT ARRAYTOTEXT: v ?|0|1|
"""

_BY_KIND = {
    "number": "n", "strict number": "n", "text": "t", "boolean": "b", "value": "v", "array": "r",
    "branch": "v", "cells": "r", "reference": "r",
}  # fmt: skip


def _table() -> dict[str, list[str]]:
    lines = [line.partition(":") for line in _TABLE.strip().splitlines()]
    return {name: _words(roles) for names, _, roles in lines for name in names.split()}


def _words(text: str) -> list[str]:
    """The words of a line; between bars there may be spaces and colons."""
    words, rest = [], text.strip()
    while rest:
        mark = rest[0] if rest[0] in "?*" else ""
        rest = rest[len(mark) :].lstrip()
        if rest.startswith("|"):
            end = _end_of_choice(rest)
            word, rest = rest[:end], rest[end:].lstrip()
        else:
            word, _, rest = rest.partition(" ")
        words.append(mark + word)
        rest = rest.lstrip()
    return words


def _end_of_choice(text: str) -> int:
    """Behind the last bar of a choice: a bar that a space or the end follows, outside of quotes."""
    quoted = False
    for place, character in enumerate(text[1:], 1):
        quoted ^= character == '"'
        if character == "|" and not quoted and text[place + 1 : place + 2] in ("", " "):
            return place + 1
    raise ValueError(f"no end of a choice: {text}")


def _by_kinds(spec: FunctionSpec) -> list[str]:
    roles = [_BY_KIND[kind] for kind in spec.parameters]
    marks = [""] * len(roles)
    if spec.optional:
        marks[-spec.optional] = "?"
    elif spec.repeats:
        marks[-spec.repeats] = "*"
    return [mark + role for mark, role in zip(marks, roles, strict=True)]


_LISTED = _table()


def roles_of(name: str, spec: FunctionSpec | None = None) -> list[str]:
    """The roles of a function's arguments, with their marks."""
    return _LISTED.get(name) or _by_kinds(spec or FUNCTIONS[name])


def functions(known: Iterable[str], left_out: Iterable[str]) -> list[str]:
    """The names from which formulas are made, in order."""
    return sorted(set(known) - set(left_out))
