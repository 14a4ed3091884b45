"""A sales list as people of Excel 365 write it: arrays that spill, references to them, functions of the book.

LibreOffice 7.4 has none of these functions: `expected` says in plain Python what the cells hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sheetgpt.book.values import ErrorValue

PEOPLE = ("Ana", "Ben", "Cleo", "Dov")
REGIONS = ("East", "North", "West")
PRODUCTS = ("Lamp", "Desk", "Chair", "Shelf", "Stool")
# Order, person, region, product, pieces, price, discount; no two orders have the same net sum
SALES = [
    (
        100 + n,
        PEOPLE[n * 7 % 4],
        REGIONS[(n * n + n // 3) % 3],
        PRODUCTS[n * 3 % 5],
        n * 5 % 9 + 1,
        10 + n * 11 % 37,
        (n % 4) / 20,
    )
    for n in range(40)
]
FIRST, LAST = 4, 3 + len(SALES)
Row = tuple[int, str, str, str, int, int, float, float, float]


def rows() -> list[Row]:
    """The list with its calculated columns, net and tax."""
    net = [pieces * price * (1 - discount) for *_, pieces, price, discount in SALES]
    return [(*sale, each, each * 0.2) for sale, each in zip(SALES, net, strict=True)]


def write(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"use_future_functions": True}) as book:
        sales, arrays, functions = (book.add_worksheet(name) for name in ("Sales", "Arrays", "Functions"))
        _sales(sales)
        book.define_name("VAT", "=0.2")
        book.define_name("WithVat", "=_xlfn.LAMBDA(_xlpm.net,_xlpm.net*(1+VAT))")
        book.define_name("Net", f"=Sales!$H${FIRST}:$H${LAST}")
        for sheet, cells in ((arrays, ARRAYS), (functions, FUNCTIONS)):
            for cell, (formula, _) in cells.items():
                sheet.write_dynamic_array_formula(f"{cell}:{cell}", f"={formula}")
        for cell, (formula, _) in READERS.items():
            arrays.write_formula(cell, f"={formula}")


def _sales(sheet: Worksheet) -> None:
    heads = [
        "Order",
        "Person",
        "Region",
        "Product",
        "Pieces",
        "Price",
        "Discount",
        "Net",
        "Tax",
        "Gross",
        "Size",
        "Code",
    ]
    sheet.write_row(FIRST - 2, 0, heads)
    for row, sale in enumerate(SALES, FIRST):
        sheet.write_row(row - 1, 0, sale)
        sheet.write_formula(f"H{row}", f"=E{row}*F{row}*(1-G{row})")
        sheet.write_formula(f"I{row}", f"=H{row}*VAT")
        sheet.write_formula(f"J{row}", f"=H{row}+I{row}")
        sheet.write_formula(f"K{row}", f'=IFS(H{row}>=200,"large",H{row}>=80,"medium",TRUE,"small")')
        sheet.write_formula(
            f"L{row}",
            f'=UPPER(LEFT(B{row},2))&"-"&A{row}&"-"&XLOOKUP(C{row},{{"East";"North";"West"}},{{"E";"N";"W"}})',
        )


def _column(letter: str) -> str:
    return f"Sales!{letter}{FIRST}:{letter}{LAST}"


def _sum(column: int, person: str | None = None, region: str | None = None) -> float:
    return sum(row[column] for row in rows() if person in (None, row[1]) and region in (None, row[2]))  # type: ignore[misc]


def _best(column: int, count: int) -> list[Row]:
    return sorted(rows(), key=lambda row: -row[column])[:count]  # type: ignore[operator]


_NORTH = [row for row in rows() if row[2] == "North" and row[7] > 100]
_LISTED = sorted({(row[1], row[2]) for row in rows()})
_TEXT = "red,10;green,25;blue,7"

# cell: formula, and the rows of what it spills
ARRAYS: dict[str, tuple[str, list[list[object]]]] = {
    "A2": (f"SORT(UNIQUE({_column('B')}))", [[name] for name in PEOPLE]),
    "B2": (f"SUMIFS(Net,{_column('B')},ANCHORARRAY(A2))", [[_sum(7, name)] for name in PEOPLE]),
    "C2": ("B2#/SUM(B2#)", [[_sum(7, name) / _sum(7)] for name in PEOPLE]),
    "D1": (f"TRANSPOSE(SORT(UNIQUE({_column('C')})))", [list(REGIONS)]),
    "D2": (
        f"SUMIFS({_column('E')},{_column('B')},A2#,{_column('C')},D1#)",
        [[float(_sum(4, name, region)) for region in REGIONS] for name in PEOPLE],
    ),
    "A8": (
        f'SORT(FILTER(CHOOSECOLS(Sales!A{FIRST}:H{LAST},1,2,8),({_column("C")}="North")*(Net>100),"none"),3,-1)',
        [[row[0], row[1], row[7]] for row in sorted(_NORTH, key=lambda row: -row[7])],
    ),
    "E8": (
        f"TAKE(SORTBY(Sales!A{FIRST}:D{LAST},Net,-1),5)",
        [list(row[:4]) for row in _best(7, 5)],
    ),
    "J2": ("SEQUENCE(4,3,10,5)", [[10 + 5 * (3 * r + c) for c in range(3)] for r in range(4)]),
    "J8": (f'FILTER({_column("A")},{_column("D")}="Sofa","no sofas")', [["no sofas"]]),
    "J10": (
        f'XLOOKUP({{103;117;999}},{_column("A")},Sales!B{FIRST}:D{LAST},"?")',
        [[rows()[3][1]], [rows()[17][1]], ["?"]],
    ),
    "J14": (f'TEXTSPLIT("{_TEXT}",",",";")', [[*part.split(",")] for part in _TEXT.split(";")]),
    "M14": ("VALUE(INDEX(J14#,0,2))", [[10], [25], [7]]),
    "J18": (f"UNIQUE(SORT(CHOOSECOLS(Sales!A{FIRST}:C{LAST},2,3),{{1,2}}))", [list(pair) for pair in _LISTED]),
    "N2": ('VSTACK({"a",1},{"b",2},HSTACK("c",3))', [["a", 1], ["b", 2], ["c", 3]]),
    "Q2": ("TOCOL(J2:L3)", [[10 + 5 * k] for k in range(6)]),
    "N8": ("WRAPROWS(SEQUENCE(5),2,0)", [[1, 2], [3, 4], [5, 0]]),
    "N12": ("DROP(J2#,1,-1)", [[25, 30], [40, 45], [55, 60]]),
    "S2": ("XMATCH({30,41,9},TOCOL(J2#),-1)", [[5, 7, ErrorValue.NA]]),
}

# ordinary formulas beside them
READERS: dict[str, tuple[str, object]] = {
    "A7": ('ROWS(_xlfn.ANCHORARRAY(A8))&" large orders of the north"', f"{len(_NORTH)} large orders of the north"),
    "D7": ("SUM(_xlfn.ANCHORARRAY(D2))", float(_sum(4))),
    "E7": ('INDEX(_xlfn.ANCHORARRAY(E8),1,4)&" sold best"', f"{_best(7, 1)[0][3]} sold best"),
    "J7": ("COUNTA(_xlfn.ANCHORARRAY(J18))/2", float(len(_LISTED))),
    "K7": ('IF(_xlfn.ANCHORARRAY(J8)="no sofas","none","some")', "none"),
    "S4": ("MAX(_xlfn.ANCHORARRAY(B2))", max(_sum(7, name) for name in PEOPLE)),
    "S5": ("INDEX(A2:A5,MATCH(S4,B2:B5,0))", max(PEOPLE, key=lambda name: _sum(7, name))),
}


def _running() -> list[float]:
    return list(accumulate(row[7] for row in rows()[:6]))


def _scored() -> list[list[object]]:
    words = {"small": 1, "medium": 2, "large": 3}
    sizes = ["large" if row[7] >= 200 else "medium" if row[7] >= 80 else "small" for row in rows()[:5]]
    return [[words[size]] for size in sizes]


_P = "_xlpm."
FUNCTIONS: dict[str, tuple[str, list[list[object]]]] = {
    "A1": (
        f"LET({_P}n,Net,{_P}m,AVERAGE({_P}n),SUM(({_P}n>{_P}m)*1))",
        [[sum(row[7] > _sum(7) / 40 for row in rows())]],
    ),
    "B1": ("WithVat(100)", [[120.0]]),
    "C1": (f"MAP(Sales!H{FIRST}:H{FIRST + 4},WithVat)", [[row[7] * 1.2] for row in rows()[:5]]),
    "D1": (f"SCAN(0,Sales!H{FIRST}:H{FIRST + 5},LAMBDA({_P}a,{_P}b,{_P}a+{_P}b))", [[value] for value in _running()]),
    "E1": (f'REDUCE("",{{"x";"y";"z"}},LAMBDA({_P}a,{_P}b,{_P}b&{_P}a))', [["zyx"]]),
    "F1": (
        f"BYROW(Arrays!D2#,LAMBDA({_P}r,MAX({_P}r)))",
        [[float(max(_sum(4, n, r) for r in REGIONS))] for n in PEOPLE],
    ),
    "G1": (f"BYCOL(Arrays!D2#,LAMBDA({_P}c,SUM({_P}c)))", [[float(_sum(4, None, r)) for r in REGIONS]]),
    "G3": (f"MAKEARRAY(3,3,LAMBDA({_P}r,{_P}c,{_P}r*10+{_P}c))", [[r * 10 + c for c in (1, 2, 3)] for r in (1, 2, 3)]),
    "K1": (
        f'MAP(Sales!K{FIRST}:K{FIRST + 4},LAMBDA({_P}s,SWITCH({_P}s,"small",1,"medium",2,3)))',
        _scored(),
    ),
    "A8": (
        f'LET({_P}p,Arrays!A2#,{_P}s,Arrays!B2#,{_P}o,SORTBY({_P}p,{_P}s,-1),TEXTJOIN(" > ",TRUE,{_P}o))',
        [[" > ".join(sorted(PEOPLE, key=lambda name: -_sum(7, name)))]],
    ),
    "A9": (f"LAMBDA({_P}x,{_P}y,SQRT({_P}x^2+{_P}y^2))(3,4)", [[5.0]]),
    "A10": (
        f'TEXTBEFORE(Sales!L{FIRST}:L{FIRST + 2},"-",2)',
        [[f"{row[1][:2].upper()}-{row[0]}"] for row in rows()[:3]],
    ),
    "B10": (f'TEXTAFTER(Sales!L{FIRST}:L{FIRST + 2},"-",-1)', [[row[2][0]] for row in rows()[:3]]),
    "C10": (
        f"FREQUENCY({_column('E')},{{3;6}})",
        [[float(sum(low < row[4] <= high for row in rows()))] for low, high in ((0, 3), (3, 6), (6, 99))],
    ),
    "D10": ("LARGE(Net,SEQUENCE(3))", [[row[7]] for row in _best(7, 3)]),
    "E10": (
        f'SUM(FILTER(Net,({_column("B")}="Ana")+({_column("C")}="West")))',
        [[sum(row[7] for row in rows() if row[1] == "Ana" or row[2] == "West")]],
    ),
    "F10": ("ARRAYTOTEXT(TAKE(Arrays!J18#,2))", [[", ".join(f"{a}, {b}" for a, b in _LISTED[:2])]]),
    "G10": ("EXPAND({1,2},2,3,0)", [[1, 2, 0], [0, 0, 0]]),
    "A15": (
        f'IFERROR(XLOOKUP(SEQUENCE(3,,99),{_column("A")},{_column("B")}),"none")',
        [["none"], [rows()[0][1]], [rows()[1][1]]],
    ),
}


def expected() -> Iterator[tuple[str, int, int, object]]:
    """Sheet, row, column, value: what Python says of each cell with a formula."""
    from openpyxl.utils.cell import coordinate_to_tuple

    for sheet, cells in (("Arrays", ARRAYS), ("Functions", FUNCTIONS)):
        for cell, (_, values) in cells.items():
            top, left = coordinate_to_tuple(cell)
            yield from (
                (sheet, top + r, left + c, value) for r, row in enumerate(values) for c, value in enumerate(row)
            )
    for cell, (_, value) in READERS.items():
        yield "Arrays", *coordinate_to_tuple(cell), value
    for row, sale in enumerate(rows(), FIRST):
        net, tax = sale[7:]
        size = "large" if net >= 200 else "medium" if net >= 80 else "small"
        code = f"{sale[1][:2].upper()}-{sale[0]}-{sale[2][0]}"
        yield from (("Sales", row, 8 + k, value) for k, value in enumerate((net, tax, net + tax, size, code)))
