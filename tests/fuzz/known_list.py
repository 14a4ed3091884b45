"""The known disagreements in which no program says what our engine says; see `known.py`.

Ours is right by Excel's documentation unless an entry says that it is not known. An entry names the function, and the
kinds of arguments and values, as closely as its reason does.
"""

from __future__ import annotations

from fuzz.known_entry import Known
from fuzz.known_money import KNOWN_MONEY

_PAGE = "Excel, by Microsoft's page of the function"
_QUANTILES = "LARGE SMALL PERCENTILE PERCENTILE.INC PERCENTILE.EXC QUARTILE QUARTILE.INC QUARTILE.EXC TRIMMEAN MODE"
_SPREADS = (
    "AVEDEV AVERAGE DEVSQ GEOMEAN HARMEAN KURT MEDIAN SKEW SKEW.P STDEV STDEV.P STDEV.S STDEVP VAR VAR.P VAR.S VARP"
)
_TEXTS = "CONCATENATE CONCAT TEXTJOIN LEN LEFT RIGHT MID LENB LEFTB RIGHTB MIDB REPT SUBSTITUTE REPLACE TRIM EXACT T"
_LIMIT = "Excel, which has #NUM! from 2^27 on (docs/functions.md)"

KNOWN: list[Known] = [
    *KNOWN_MONEY,
    Known(
        functions="ARABIC",
        formula=r'"-',
        what="`#VALUE!` for negative Roman numerals",
        right=f'{_PAGE}: ARABIC("-MMXI") is -2011',
    ),
    Known(
        functions="ARRAYTOTEXT",
        programs=("IronCalc",),
        what="no braces around a single value with format 1",
        right=f"{_PAGE}: format 1 encloses in braces",
    ),
    Known(
        functions=f"{_SPREADS} {_QUANTILES} SUM MAX MIN COUNT SUMSQ PRODUCT",
        arguments="boolean|array",
        what="booleans in a calculated array counted; Excel ignores them",
        right=f"{_PAGE}: logical values in an array are ignored",
    ),
    Known(
        functions=f"{_SPREADS} VARA VARPA STDEVA STDEVPA SUM SUMSQ PRODUCT MAX MIN MAXA MINA AVERAGEA",
        arguments="text|boolean",
        what='text given directly, such as "12": an error in LibreOffice, left out or 0 in IronCalc',
        right=f"{_PAGE}: text that is a number counts where it is typed as an argument, other text is an error",
    ),
    Known(
        functions="CODE",
        programs=("LibreOffice", "IronCalc"),
        what="characters beyond the code page: another number or an error; Excel on Windows has 63, a question mark",
        right="Excel, as docs/functions.md says of CODE",
    ),
    Known(
        functions="FREQUENCY",
        arguments="text|boolean|nothing",
        what="`#VALUE!` for a text or blank as an interval",
        right="not known: the page says that FREQUENCY ignores text, not where",
    ),
    Known(
        functions="JIS DBCS ASC",
        programs=("LibreOffice",),
        what="apostrophes and quotation marks become others; TRUE is 1",
        right="not known for the marks; a boolean is the text TRUE",
    ),
    Known(
        functions="NUMBERVALUE",
        what='`#VALUE!` for "" and for spaces inside',
        right=f'{_PAGE}: "" is 0, spaces are ignored, also in the middle',
    ),
    Known(
        functions="TEXTBEFORE TEXTAFTER TEXTSPLIT",
        programs=("IronCalc",),
        what="a negative instance finds nothing, or another delimiter",
        right=f"{_PAGE}: a negative number searches from the end",
    ),
    Known(
        functions="SIN COS TAN COT SEC CSC",
        ours="#NUM!",
        what="values for numbers from 2^27 on",
        right=_LIMIT,
    ),
    Known(
        functions="MOD",
        ours="#NUM!",
        what="values where the quotient is too large for Excel",
        right="Excel 2010 and newer: `#NUM!` (Microsoft's article on MOD with large numbers)",
    ),
    Known(
        functions="MOD",
        ours="number",
        period=1,
        what="0 or another digit where the quotient is nearly whole: MOD(10, 0.1)",
        right="Excel 2010 and newer has the exact remainder: MOD(10, 0.1) is 0.1, MOD(281.44, 0.02) is 0.02 (TechNet's "
        'forum, "Excel 2010 MOD bug"); 2.22E-16 and the like are no 0 there either',
    ),
    Known(
        functions="DSUM DAVERAGE DCOUNT DCOUNTA DGET DMAX DMIN DPRODUCT DSTDEV DSTDEVP DVAR DVARP",
        ours="#VALUE!",
        arguments=r"\w+\(\w+, boolean",
        what="TRUE as the number of the column",
        right="not known; the page says a label or a number",
    ),
    Known(
        functions=f"& {_TEXTS}",
        arguments="boolean|number",
        what="TRUE is 1 in LibreOffice; numbers have 17 digits, and no E, in IronCalc",
        right="Excel: 15 digits and TRUE (docs/engines.md)",
    ),
    Known(
        functions="T.DIST.RT T.DIST TDIST",
        tolerance=1e-8,
        what="0.5 for numbers near 0",
        right="the distribution itself: 0.5 - 0.38 x",
    ),
    Known(
        functions="MDETERM MINVERSE MMULT",
        ours="#VALUE!",
        what="empty, text and boolean cells taken as numbers",
        right=f"{_PAGE}: `#VALUE!`",
    ),
    Known(
        functions=f"{_QUANTILES} MEDIAN",
        arguments="text",
        what="`#VALUE!` for a text in the place of the array",
        right="not known",
    ),
    Known(
        functions="SEARCH FIND SEARCHB FINDB",
        formula='""|D!',
        arguments="empty text",
        what="`#VALUE!` for an empty text in an empty text",
        right=f"{_PAGE} of FIND: an empty text matches the first character; within an empty one it is not known",
    ),
    Known(
        functions="TEXT",
        formula='"@"',
        what="as many digits as there are, or whole numbers only",
        right="not known: here as General, eleven characters",
    ),
    Known(
        functions="XMATCH XLOOKUP",
        programs=("IronCalc",),
        what="`#VALUE!` where the cells are a single one",
        right=f"{_PAGE}: any array or range",
    ),
    Known(
        functions="ZTEST Z.TEST",
        programs=("LibreOffice", "IronCalc"),
        what="beyond 1 for a mean far away, which no probability is; `#VALUE!` for a reference that CHOOSE gives",
        right="the distribution itself",
    ),
    Known(
        functions="COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF AVERAGEIFS MAXIFS MINIFS",
        arguments=r"\bG\b",
        what='text that looks like a number in another way, such as "$5", is not equal to the number 5',
        right="not known; Excel takes text of digits for its number here (COUNTIF with long digits)",
    ),
    Known(
        functions="SMALL LARGE",
        arguments=r"\(\w+, number\)",
        what="a place such as 6.2 cut to 6",
        right="Excel, as Apache POI found it to be: rounded up",
    ),
    Known(
        functions="TEXT",
        ours="#VALUE!",
        arguments=r"\(number, text\)",
        what="dates and times of negative numbers",
        right="Excel has no negative dates and times in the 1900 system: `#VALUE!`",
    ),
    Known(
        functions="VLOOKUP HLOOKUP LOOKUP MATCH XMATCH XLOOKUP",
        arguments="boolean|text",
        what="a boolean found among numbers",
        right="Excel: values of other kinds are not compared",
    ),
    Known(
        functions="SUM MAX MIN SUMPRODUCT AVERAGE STDEV SUMSQ",
        formula=r"\bMOD\(",
        ours="number",
        what="MOD in an array formula: as MOD",
        right="as of MOD",
    ),
    Known(
        functions="TEXT",
        arguments=r"\(boolean",
        ours="text",
        what="a boolean as a number, or as a boolean",
        right="Excel: the text TRUE or FALSE, whatever the format",
    ),
    Known(
        functions="SUM MAX MIN SUMPRODUCT AVERAGE STDEV SUMSQ",
        formula=r"\bLEN\(",
        ours="number",
        what="another length of numbers: LibreOffice rounds to 16 digits first, and IronCalc has 17",
        right="15 digits, in which a number is rounded once; not known for the half that another rounding makes",
    ),
    Known(
        functions="ARRAYTOTEXT VALUETOTEXT",
        arguments="#",
        ours="text",
        what="an error for an error; here it is its text, as in VALUETOTEXT",
        right="not known for a single value; the page shows #VALUE! as text among others",
    ),
    Known(
        functions="TEXT",
        formula='"h:mm:ss"',
        ours="text",
        what="less than half a second before midnight: 23:59:59 or 23:59:60",
        right="Excel rounds to the second: 0:00:00",
    ),
    Known(
        functions="COUNTA",
        formula=r"TRANSPOSE\(",
        what="blanks of a transposed range stay blanks",
        right="Excel: a blank in a calculated array is 0, and counts",
    ),
    Known(
        functions="DOLLAR USDOLLAR FIXED",
        arguments="number",
        ours="text",
        what="LibreOffice writes -$5, not ($5); IronCalc ends at 2^64",
        right=f"{_PAGE}: the format is $#,##0.00_);($#,##0.00)",
    ),
    Known(
        functions="MATCH VLOOKUP HLOOKUP LOOKUP",
        arguments=r"\b[ABCN]\b",
        what="an approximate match among values that are not sorted",
        right="Excel halves (Apache POI's account of it, docs/functions.md); the programs go other ways",
    ),
    Known(
        functions="SUM COUNTA ROWS COLUMNS MAX CONCAT",
        formula=r"\b(EXPAND|WRAPROWS|WRAPCOLS|SEQUENCE)\(",
        ours="#NUM!",
        what="arrays of more columns than a sheet has",
        right=f"{_PAGE}: `#NUM!` where the array is too large",
    ),
    Known(
        functions="TEXT",
        arguments=r"\(text, text",
        formula="#.##",
        ours="text",
        what='no point for TEXT("12", "#.##")',
        right="Excel: the point of a format is always written, 12.",
    ),
    Known(
        functions="LINEST LOGEST TREND GROWTH",
        arguments="text",
        ours="#VALUE!",
        what="a text in the place of TRUE or FALSE",
        right=f"{_PAGE}: const and stats are logical values; a text is none",
    ),
    Known(
        functions="F.DIST",
        ours="number",
        theirs="#.*",
        what="`#NUM!` where numbers between are too large",
        right="the distribution itself, by logarithms of its factors",
    ),
    Known(
        functions="SUM COUNTA ROWS COLUMNS MAX CONCAT",
        formula=r"[HV]STACK\(",
        what="an error for an array in which one element is an error",
        right="not known; here it is an element, as in other arrays",
    ),
    Known(
        functions="MODE.MULT",
        arguments="boolean",
        what="a boolean typed as a value: as its number, or left out",
        right="not known",
    ),
]
