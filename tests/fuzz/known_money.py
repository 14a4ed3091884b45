"""Known disagreements: days, money, complex numbers, and what came with the Analysis ToolPak; see `known_list.py`."""

from __future__ import annotations

from fuzz.known_entry import Known

_PAGE = "Excel, by Microsoft's page of the function"
_TOOLPAK = (
    "ACCRINT ACCRINTM AMORDEGRC AMORLINC BESSELI BESSELJ BESSELK BESSELY BIN2DEC BIN2HEX BIN2OCT COMPLEX "
    "CONVERT COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD CUMIPMT CUMPRINC DEC2BIN DEC2HEX DEC2OCT "
    "DELTA DISC DOLLARDE DOLLARFR DURATION EDATE EFFECT EOMONTH ERF ERF.PRECISE ERFC ERFC.PRECISE FACTDOUBLE "
    "FVSCHEDULE GESTEP HEX2BIN HEX2DEC HEX2OCT IMABS IMAGINARY IMARGUMENT IMCONJUGATE IMCOS IMDIV IMEXP IMLN "
    "IMLOG10 IMLOG2 IMPOWER IMPRODUCT IMREAL IMSIN IMSQRT IMSUB IMSUM IMTAN IMCOT IMSEC IMCSC IMSINH IMCOSH "
    "IMSECH IMCSCH INTRATE ISEVEN ISODD MDURATION MROUND NETWORKDAYS NETWORKDAYS.INTL NOMINAL OCT2BIN OCT2DEC "
    "OCT2HEX ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD PRICE PRICEDISC PRICEMAT QUOTIENT RECEIVED SERIESSUM "
    "SQRTPI TBILLEQ TBILLPRICE TBILLYIELD WEEKNUM WORKDAY WORKDAY.INTL XIRR XNPV YEARFRAC YIELD YIELDDISC "
    "YIELDMAT"
)
_DATES = (
    "DATE DAY EDATE EOMONTH MONTH TEXT WEEKDAY WEEKNUM YEAR DAYS DAYS360 DATEDIF NETWORKDAYS NETWORKDAYS.INTL YEARFRAC"
)
_SECURITIES = (
    "ACCRINT ACCRINTM AMORDEGRC AMORLINC COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD DISC DURATION INTRATE "
    "MDURATION ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD PRICE PRICEDISC PRICEMAT RECEIVED TBILLEQ TBILLPRICE TBILLYIELD "
    "WORKDAY WORKDAY.INTL YIELD YIELDDISC YIELDMAT"
)
_COMPLEX = " ".join(name for name in _TOOLPAK.split() if name.startswith("IM"))

KNOWN_MONEY: list[Known] = [
    Known(
        functions=_TOOLPAK,
        arguments="boolean",
        ours="#VALUE!|#NUM!",
        what="TRUE and FALSE as numbers; Excel's functions that came with the Analysis ToolPak take none: `#VALUE!`",
        right="Excel, as it is known to be; ISEVEN's page says `#VALUE!` for what is no number",
    ),
    Known(
        functions=f"{_DATES} {_SECURITIES}",
        early=True,
        what="a day less before March 1900: the programs have no 29 February 1900",
        right="Excel, by Microsoft's article on the year 1900",
        ours="number|text|#NUM!",
    ),
    Known(
        functions="BESSELI BESSELJ BESSELK BESSELY",
        tolerance=1e-6,
        what="7 to 9 digits, as Excel; here there are 14",
        right="the values themselves; Excel has as few digits as the programs",
    ),
    Known(
        functions="IMSUM IMPRODUCT IMSUB IMDIV",
        programs=("LibreOffice",),
        ours="#VALUE!",
        what="i and j in one sum: taken",
        right=f"{_PAGE} of COMPLEX: all functions take i or j, but not both: `#VALUE!`",
    ),
    Known(
        functions="NPV",
        arguments="array",
        what="arrays of several rows: column by column in LibreOffice, left out in IronCalc",
        right="Excel: arrays are gone through row by row",
    ),
    Known(
        functions="XIRR",
        tolerance=1e-6,
        what="more digits than Excel, which stops at 1e-8",
        right="Excel: its page says 0.000001 percent, and 2.98E-09 is what it has for a rate of 0",
    ),
    Known(
        functions=_SECURITIES,
        early=True,
        ours="#NUM!",
        what="days before 1900, negative ones",
        right="Excel has no days before 1900; for a settlement on day 0 it is not known",
    ),
    Known(
        functions="VDB DDB DB",
        what="an asset that costs less than its salvage value: an error, or negative",
        right="not known: here 0",
    ),
    Known(
        functions="NPV",
        ours="#VALUE!",
        what="0 where no argument has a number",
        right="Excel, as docs/functions.md says of functions of money",
    ),
    Known(
        functions="PPMT IPMT CUMPRINC CUMIPMT",
        tolerance=1e-2,
        what="other digits at rates of 1,000 percent, where a payment and its interest cancel",
        right="not known: no digits that mean anything are left",
    ),
    Known(
        functions="RATE",
        what="another root far from the guess, or none",
        right="not known; the page says that RATE goes from the guess, and here it is the root nearest to it",
    ),
    Known(
        functions="WORKDAY.INTL NETWORKDAYS.INTL",
        formula=r"D![PI]\d",
        what="an error for a blank cell as the weekend",
        right="not known; here as if it were left out",
    ),
    Known(
        functions="TIME",
        ours="#NUM!",
        what="hours, minutes and seconds beyond 32,767",
        right=f"{_PAGE}: numbers from 0 to 32,767",
    ),
    Known(
        functions=_COMPLEX,
        arguments="empty text",
        ours="#NUM!",
        what="an empty text as the complex number 0",
        right="not known; it is no complex number, for which the pages say `#NUM!`",
    ),
    Known(
        functions=_TOOLPAK,
        formula=r"INDEX\(|OFFSET\(|CHOOSE\(|D![A-S][0-9]+:",
        ours="#VALUE!",
        what="ranges; Excel's functions that came with the Analysis ToolPak take single cells only",
        right="Excel, as it is known to be (docs/functions.md)",
    ),
    Known(
        functions=_COMPLEX,
        programs=("IronCalc",),
        what="parts of numbers without an exponent, and NaN where they are too large",
        right="Excel: a number as in a cell; `#NUM!`",
    ),
    Known(
        functions="IMSUM IMPRODUCT",
        programs=("LibreOffice",),
        formula=r"D![PI]\d",
        what="a blank cell as 0; here it is left out, as in a range",
        right="not known",
    ),
    Known(
        functions="IRR",
        tolerance=1e-7,
        what="other digits",
        right=f"{_PAGE}: within 0.00001 percent; here more",
    ),
    Known(
        functions="SERIESSUM",
        arguments=r"SERIESSUM\(number, number",
        ours="number",
        what="an error for 0 to the power of 0; here 1",
        right="not known",
    ),
    Known(
        functions="YEAR MONTH DAY WEEKDAY WEEKNUM",
        arguments="text",
        what='a time as text, such as "12:30": a day less, as before March 1900',
        right="Excel, by Microsoft's article on the year 1900",
    ),
    Known(
        functions="PMT PPMT IPMT PV CUMIPMT CUMPRINC",
        ours="number",
        theirs="#.*",
        what="an error where (1 + rate) ^ nper is beyond all numbers; here what the payment comes to",
        right="not known",
    ),
    Known(
        functions="IPMT PPMT CUMIPMT CUMPRINC",
        formula=r'^\{?=\w+\((D!|"|[1-9])',
        ours="number",
        what="rates of 1,000 percent and more, where a payment and its interest cancel: other numbers",
        right="the loan itself: interest is the rate times what is owed",
    ),
    Known(
        functions="SYD",
        ours="#NUM!",
        what="a negative salvage value",
        right="not known; here as DDB and DB, whose pages have positive numbers only",
    ),
    Known(
        functions="TBILLEQ TBILLPRICE TBILLYIELD",
        ours="#NUM!",
        what="negative prices for a discount of more than 100 percent",
        right="not known; the pages have `#NUM!` for prices of 0 and less",
    ),
    Known(
        functions="NPV",
        arguments="text",
        what='"12" typed as a value: an error in LibreOffice, left out in IronCalc',
        right=f"{_PAGE}: text that is a number counts",
    ),
]
