"""An inventory as people write it: tables with totals, references to their columns, filtered and hidden rows."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

ITEMS = """B-100;Bolt M6;Fasteners;North;1200;400;0.08
B-101;Bolt M8;Fasteners;South;310;400;0.11
B-102;Bolt M10;Fasteners;North;0;200;0.19
N-200;Nut M6;Fasteners;South;2600;500;0.03
N-201;Nut M8;Fasteners;North;480;500;0.04
W-300;Washer 6;Fasteners;North;9000;1000;0.01
D-400;Drill 5 mm;Tools;South;34;20;4.9
D-401;Drill 8 mm;Tools;South;11;20;6.25
D-402;Drill 12 mm;Tools;North;20;20;9.8
S-500;Saw;Tools;North;6;2;24.5
S-501;Saw blade;Tools;South;0;15;7.99
G-600;Gloves L;Safety;North;75;60;3.2
G-601;Gloves XL;Safety;South;58;60;3.2
G-602;Goggles;Safety;North;22;10;8.4
H-700;Helmet;Safety;South;9;10;18.75
P-800;Paint white 5 l;Paint;North;14;6;31
P-801;Paint grey 5 l;Paint;South;3;6;31
P-802;Thinner 1 l;Paint;South;41;12;5.6
T-900;Tape *wide*;Other;North;130;40;1.15
T-901;Tape 50%;Other;South;88;40;0.95""".splitlines()
MOVES = [("B-100", -200), ("B-101", 500), ("D-400", -4), ("b-100", 50), ("S-501", 20), ("X-999", 7), ("T-900", -15)]
FIRST, LAST = 4, 3 + len(ITEMS)
HIDDEN = (9, 15)  # by hand
FILTERED = "North"


def write(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"use_future_functions": True}) as book:
        stock, moves, report, look = (book.add_worksheet(name) for name in ("Stock", "Moves", "Report", "Look up"))
        money = book.add_format({"num_format": "#,##0.00"})
        _stock(stock, money)
        _moves(moves)
        _report(report, money)
        _look_up(look, money)
        _filtered(book.add_worksheet("Filtered"))


def _stock(sheet: Worksheet, money) -> None:  # type: ignore[no-untyped-def]
    sheet.write("A1", "Stock")
    rows = [[part if k < 4 else float(part) for k, part in enumerate(item.split(";"))] for item in ITEMS]
    here = "Stock[@["
    columns = [
        {"header": "Code", "total_string": "Total"},
        {"header": "Name", "total_function": "SUBTOTAL(103,Stock[Name])"},
        {"header": "Kind"},
        {"header": "Site"},
        {"header": "On hand", "total_function": "SUBTOTAL(109,Stock[On hand])"},
        {"header": "Reorder at", "total_function": "SUBTOTAL(101,Stock[Reorder at])"},
        {"header": "Unit price", "format": money, "total_function": "SUBTOTAL(104,Stock[Unit price])"},
        {
            "header": "Value",
            "formula": f"={here}On hand]]*{here}Unit price]]",
            "format": money,
            "total_function": "SUBTOTAL(109,Stock[Value])",
        },
        {
            "header": "Flag",
            "formula": f'=IF({here}On hand]]=0,"OUT",IF({here}On hand]]<={here}Reorder at]],"reorder",""))',
            "total_function": "SUBTOTAL(103,Stock[Flag])",
        },
        {"header": "To order", "formula": f'=IF({here}Flag]]="",0,MAX({here}Reorder at]]*2-{here}On hand]],0))'},
        {"header": "Share", "formula": f"={here}Value]]/SUM(Stock[Value])"},
        {"header": "Class", "formula": f'=IF({here}Share]]>=10%,"A",IF({here}Share]]>=5%,"B","C"))'},
        {
            "header": "Moved",
            "formula": f"=SUMIF(Moves[Code],{here}Code]],Moves[Pieces])",
            "total_function": "SUBTOTAL(109,Stock[Moved])",
        },
        {
            "header": "After",
            "formula": "=Stock[[#This Row],[On hand]]+Stock[[#This Row],[Moved]]",
            "total_function": "SUBTOTAL(105,Stock[After])",
        },
    ]
    options = {"name": "Stock", "columns": columns, "data": rows, "total_row": True, "style": "Table Style Medium 4"}
    sheet.add_table(FIRST - 2, 0, LAST, len(columns) - 1, options)
    for row in HIDDEN:
        sheet.set_row(row - 1, None, None, {"hidden": True})


def _moves(sheet: Worksheet) -> None:
    kept = '=IFERROR(INDEX(Stock[Name],MATCH(Moves[@[Code]],Stock[Code],0)),"unknown: "&Moves[@[Code]])'
    columns = [
        {"header": "Code"},
        {"header": "Pieces", "total_function": "SUBTOTAL(109,Moves[Pieces])"},
        {"header": "Name", "formula": kept},
        {"header": "Way", "formula": '=IF(Moves[@[Pieces]]<0,"out","in")'},
        {
            "header": "Value",
            "formula": "=Moves[@[Pieces]]*IFERROR(VLOOKUP(Moves[@[Code]],Stock[],7,FALSE),0)",
            "total_function": "SUBTOTAL(109,Moves[Value])",
        },
    ]
    options = {"name": "Moves", "columns": columns, "data": MOVES, "total_row": True}
    sheet.add_table(0, 0, len(MOVES) + 1, len(columns) - 1, options)


def _report(sheet: Worksheet, money) -> None:  # type: ignore[no-untyped-def]
    sheet.write_row("A1", ["Kind", "Items", "Pieces", "Value", "To reorder", "North", "South", "Dearest", "Mean price"])
    for row, kind in enumerate(("Fasteners", "Tools", "Safety", "Paint", "Other"), 2):
        sheet.write(f"A{row}", kind)
        formulas = {
            "B": f"=COUNTIF(Stock[Kind],A{row})",
            "C": f"=SUMIF(Stock[Kind],A{row},Stock[On hand])",
            "D": f"=SUMIFS(Stock[Value],Stock[Kind],$A{row})",
            "E": f'=COUNTIFS(Stock[Kind],A{row},Stock[Flag],"?*")',
            "F": f'=SUMPRODUCT((Stock[Kind]=A{row})*(Stock[Site]="North"),Stock[Value])',
            "G": f"=D{row}-F{row}",
            "H": f"=MAXIFS(Stock[Unit price],Stock[Kind],A{row})",
            "I": f"=ROUND(AVERAGEIF(Stock[Kind],A{row},Stock[Unit price]),2)",
        }
        for column, formula in formulas.items():
            sheet.write_formula(f"{column}{row}", formula, money)
    for column in "BCDEFG":
        sheet.write_formula(f"{column}7", f"=SUM({column}2:{column}6)", money)
    facts = {
        "Value by the totals row": "=Stock[[#Totals],[Value]]",
        "Difference": "=ROUND(B9-D7,6)",
        "Rows": "=ROWS(Stock[])",
        "Rows with heads and totals": "=ROWS(Stock[#All])",
        "Columns": "=COLUMNS(Stock[#Headers])",
        "Last head": "=INDEX(Stock[#Headers],1,COLUMNS(Stock[#Headers]))",
        "Out of stock": '=COUNTIF(Stock[Flag],"OUT")',
        "First out of stock": '=INDEX(Stock[Name],MATCH("OUT",Stock[Flag],0))',
        "Without hidden rows": "=SUBTOTAL(109,Stock[Value])",
        "With hidden rows": "=SUBTOTAL(9,Stock[Value])",
        "Shown items": "=SUBTOTAL(103,Stock[Name])",
        "Mean of shown": "=AGGREGATE(1,5,Stock[Unit price])",
        "Wide tapes": '=COUNTIF(Stock[Name],"*~*wide~**")',
        "Drills": '=SUMIF(Stock[Name],"drill*",Stock[On hand])',
        "Percent sign": '=COUNTIF(Stock[Name],"*%")',
        "Price of three columns": "=SUM(Stock[[On hand]:[Unit price]])",
        "Longest name": "=SUMPRODUCT(MAX(LEN(Stock[Name])))",
        "Everything moved": "=Moves[[#Totals],[Pieces]]",
        "Net value moved": "=SUM(Moves[Value])",
        "Unknown codes": '=COUNTIF(Moves[Name],"unknown*")',
    }
    for row, (name, formula) in enumerate(facts.items(), 9):
        sheet.write(f"A{row}", name)
        sheet.write_formula(f"B{row}", formula, money)


def _look_up(sheet: Worksheet, money) -> None:  # type: ignore[no-untyped-def]
    """A picking list: codes are typed, all else is looked up."""
    sheet.write_row("A1", ["Code", "Name", "On hand", "Price", "Pieces", "Sum", "Enough", "Site"])
    picked = [("D-400", 6), ("p-801", 2), ("W-300", 500), ("Z-1", 1), ("G-602", 30), ("T-901", 12)]
    for row, (code, pieces) in enumerate(picked, 2):
        sheet.write(f"A{row}", code)
        sheet.write(f"E{row}", pieces)
        found = f"MATCH($A{row},Stock[[Code]:[Code]],0)"
        sheet.write_formula(f"B{row}", f'=IFERROR(INDEX(Stock[Name],{found}),"not found")')
        sheet.write_formula(f"C{row}", f"=IFERROR(VLOOKUP(A{row},Stock[[Code]:[Value]],5,0),0)")
        sheet.write_formula(
            f"D{row}",
            f'=IFERROR(INDEX(Stock[],{found},MATCH("Unit price",Stock[[#Headers],[Code]:[After]],0)),0)',
            money,
        )
        sheet.write_formula(f"F{row}", f"=ROUND(D{row}*E{row},2)", money)
        sheet.write_formula(f"G{row}", f'=IF(C{row}>=E{row},"yes",IF(C{row}=0,"no","only "&C{row}))')
        sheet.write_formula(f"H{row}", f'=IF(ISNA({found}),"-",INDEX(Stock[Site],{found}))')
    sheet.write_formula("F8", "=SUM(F2:F7)", money)
    sheet.write_formula("F9", "=IF(F8>100,F8*0.95,F8)", money)
    sheet.write_formula("A9", '="To pay: "&TEXT(F9,"$#,##0.00")&IF(F9<F8," (5% off)","")')


def _filtered(sheet: Worksheet) -> None:
    """A list with a filter that leaves out all but one site, totals above it."""
    sheet.write_row("A3", ["Code", "Site", "Value", "Rounded", "No. of shown"])
    sheet.autofilter(2, 0, LAST - 1, 4)
    sheet.filter_column("B", f"x == {FILTERED}")
    for row, item in enumerate(ITEMS, FIRST):
        code, _, _, site, on_hand, _, price = item.split(";")
        sheet.write_row(row - 1, 0, [code, site])
        sheet.write_formula(f"C{row}", f"={on_hand}*{price}")
        sheet.write_formula(f"D{row}", f"=MROUND(C{row},5)")
        sheet.write_formula(f"E{row}", f"=SUBTOTAL(3,A${FIRST}:A{row})")
        if site != FILTERED:
            sheet.set_row(row - 1, None, None, {"hidden": True})
    for column, function in zip("ABCD", (3, 103, 9, 109), strict=True):
        sheet.write_formula(f"{column}1", f"=SUBTOTAL({function},{column}{FIRST}:{column}{LAST})")
    sheet.write_formula("E1", f"=MAX(E{FIRST}:E{LAST})")
    sheet.write_formula("F1", f"=AGGREGATE(14,7,C{FIRST}:C{LAST},2)")
    sheet.write_formula(
        "G1", f"=SUMPRODUCT(SUBTOTAL(109,OFFSET(C{FIRST},ROW(C{FIRST}:C{LAST})-ROW(C{FIRST}),0))*(C{FIRST}:C{LAST}>50))"
    )
