"""A monthly report as people write it: open invoices by their age today, working days, labels, sums over sheets."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

MONTHS = ("Jan", "Feb", "Mar", "Apr")
SALES = {
    "North": [1204.5, 998, 1310.25, 1422],
    "South": [870, 912.4, 640, 1015.75],
    "East": [0, 45.5, 128, 96.2],
    "West": [2210, 2304.8, 1999.99, 2050],
}
AGES = [1, 4, 12, 19, 29, 30, 31, 44, 59, 60, 61, 75, 88, 90, 91, 120, 181, 365, 400, 800]
FIRST, LAST = 6, 5 + len(AGES)


def write(path: Path, today: date) -> None:
    """Write it; invoices lie so many days before `today`."""
    book = Workbook()
    invoices = book.active
    invoices.title = "Invoices"
    book.defined_names["Today"] = DefinedName("Today", attr_text="Invoices!$B$2")
    book.defined_names["Holidays"] = DefinedName("Holidays", attr_text="Lists!$A$2:$A$5")
    _invoices(invoices, today)
    for number, month in enumerate(MONTHS, 1):
        _month(book.create_sheet(month), number, month)
    _year(book.create_sheet("Year"))
    lists = book.create_sheet("Lists")
    lists["A1"] = "Holidays"
    for row, day in enumerate((date(today.year, 1, 1), date(today.year, 5, 1), date(today.year, 12, 25), today), 2):
        lists.cell(row, 1, day)
    lists.sheet_state = "hidden"
    book.save(path)


def _invoices(sheet: Worksheet, today: date) -> None:
    sheet["A1"], sheet["A2"], sheet["B2"], sheet["B2"].number_format = (
        "Open invoices",
        "As of",
        "=TODAY()",
        "yyyy-mm-dd",
    )
    sheet["C2"] = '=TEXT(Today,"dddd, d mmmm yyyy")&", week "&_xlfn.ISOWEEKNUM(Today)'
    sheet["A3"] = '="Printed "&TEXT(NOW(),"yyyy-mm-dd")&IF(NOW()-INT(NOW())<0.5," in the morning"," in the afternoon")'
    heads = [
        "No.",
        "Date",
        "Due",
        "Amount",
        "Days",
        "Bucket",
        "Working days",
        "Age",
        "Interest",
        "Next step",
        "Label",
        "0-30",
        "31-60",
        "61-90",
        "90+",
    ]
    for column, head in enumerate(heads, 1):
        sheet.cell(FIRST - 1, column, head).font = Font(bold=True)
    for number, age in enumerate(AGES):
        row = FIRST + number
        sheet.cell(row, 1, f"R{1000 + 7 * number}")
        sheet.cell(row, 2, today - timedelta(days=age + 14)).number_format = "dd/mm/yyyy"
        sheet.cell(row, 4, round(120 + 83.37 * number * (1 + number % 3), 2))
        _invoice(sheet, row)
    _below(sheet)
    for row in (FIRST + 3, FIRST + 8):
        sheet.row_dimensions[row].hidden = True


def _invoice(sheet: Worksheet, row: int) -> None:
    formulas = {
        "C": f"=B{row}+14",
        "E": f"=Today-C{row}",
        "F": f'=IF(E{row}<=30,"0-30",IF(E{row}<=60,"31-60",IF(E{row}<=90,"61-90","90+")))',
        "G": f"=NETWORKDAYS(C{row},Today,Holidays)-1",
        "H": f'=DATEDIF(B{row},Today,"y")&"y "&DATEDIF(B{row},Today,"ym")&"m"',
        "I": f"=ROUND(D{row}*LOOKUP(E{row},{{0,31,61,91}},{{0,0.04,0.06,0.09}})*YEARFRAC(C{row},Today,3),2)",
        "J": f'=IF(E{row}>90,"court by "&TEXT(WORKDAY(Today,5,Holidays),"d mmm"),IF(E{row}>30,"remind","wait"))',
        "K": f'=A{row}&" - "&TEXT(B{row},"mmm yy")&" - "&TEXT(D{row},"#,##0.00 €")&REPT("!",MATCH(E{row},{{0,31,61,91}})-1)',
    }
    for column in "LMNO":
        formulas[column] = f"=IF($F{row}={column}$5,$D{row},0)"
    for column, formula in formulas.items():
        sheet[f"{column}{row}"] = formula
        sheet[f"{column}{row}"].number_format = "dd/mm/yyyy" if column == "C" else "General"


def _below(sheet: Worksheet) -> None:
    row = LAST + 1
    for column in "DILMNO":
        sheet[f"{column}{row}"] = f"=SUBTOTAL(9,{column}{FIRST}:{column}{LAST})"
        sheet[f"{column}{row + 1}"] = f"=SUBTOTAL(109,{column}{FIRST}:{column}{LAST})"
        sheet[f"{column}{row + 2}"] = f"=IF(D{row}=0,0,{column}{row}/$D{row})"
    facts = {
        "Oldest": f"=INDEX(A{FIRST}:A{LAST},MATCH(MAX(E{FIRST}:E{LAST}),E{FIRST}:E{LAST},0))",
        "Mean age by amount": f"=SUMPRODUCT(D{FIRST}:D{LAST},E{FIRST}:E{LAST})/SUM(D{FIRST}:D{LAST})",
        "To remind": f'=COUNTIF(J{FIRST}:J{LAST},"remind")',
        "Court": f'=SUMIF(J{FIRST}:J{LAST},"court*",D{FIRST}:D{LAST})',
        "Of last year": f"=SUMPRODUCT((YEAR(B{FIRST}:B{LAST})<YEAR(Today))*D{FIRST}:D{LAST})",
        "Due in the last 45 days": f'=SUMIFS(D{FIRST}:D{LAST},C{FIRST}:C{LAST},">="&Today-45,C{FIRST}:C{LAST},"<="&Today)',
        "End of this month": '=TEXT(EOMONTH(Today,0),"yyyy-mm-dd")',
        "Working days left": "=NETWORKDAYS(Today,EOMONTH(Today,0),Holidays)",
        "Quarter": '="Q"&ROUNDUP(MONTH(Today)/3,0)&"/"&TEXT(Today,"yy")',
        "Same day next month": "=EDATE(Today,1)-Today",
        "First Monday": "=DATE(YEAR(Today),MONTH(Today),8)-WEEKDAY(DATE(YEAR(Today),MONTH(Today),6))",
        "All in buckets": f"=ROUND(SUM(L{row}:O{row})-D{row},2)=0",
    }
    for there, (name, formula) in enumerate(facts.items(), row + 4):
        sheet.cell(there, 1, name)
        sheet.cell(there, 4, formula)


def _month(sheet: Worksheet, number: int, month: str) -> None:
    sheet["A1"] = f"Sales {month}"
    for row, (region, sales) in enumerate(SALES.items(), 3):
        sheet.cell(row, 1, region)
        sheet.cell(row, 2, sales[number - 1])
        sheet.cell(row, 3, round(sales[number - 1] * 0.62, 2))
        sheet.cell(row, 4, f"=B{row}-C{row}")
        sheet.cell(row, 5, f'=IF(B{row}=0,"-",D{row}/B{row})')
    for column in "BCD":
        sheet[f"{column}7"] = f"=SUM({column}3:{column}6)"
    sheet["E7"] = "=D7/B7"
    sheet["A8"] = (
        f'=TEXT(DATE(2025,{number},1),"mmmm")&": "&TEXT(B7,"#,##0")&", best: "&INDEX(A3:A6,MATCH(MAX(B3:B6),B3:B6,0))'
    )


def _year(sheet: Worksheet) -> None:
    first, last = MONTHS[0], MONTHS[-1]
    sheet["A1"] = f'="Sales {first} to {last}: "&TEXT(SUM({first}:{last}!B7),"#,##0.00")'
    for row, region in enumerate(SALES, 3):
        sheet.cell(row, 1, region)
        functions = ("SUM", "AVERAGE", "MAX", "MIN", "COUNT")
        for column, function in enumerate(functions, 2):
            sheet.cell(row, column, f"={function}({first}:{last}!B{row})")
        for column, month in enumerate(MONTHS, 8):
            sheet.cell(row, column, f"={month}!B{row}")
            sheet.cell(row, column + 5, f'=INDIRECT({get_column_letter(column)}$2&"!D"&ROW())')
        sheet.cell(row, 7, f"=SUM({first}:{last}!D{row})/B{row}")
        sheet.cell(
            row,
            17,
            f'=IF(K{row}>AVERAGE(H{row}:J{row}),"up ","down ")&TEXT(ABS(K{row}/AVERAGE(H{row}:J{row})-1),"0.0%")',
        )
    for column, month in enumerate(MONTHS, 8):
        sheet.cell(2, column, month)
    for name in "BHIJKMNOP":
        sheet[f"{name}7"] = f"=SUM({name}3:{name}6)"
    sheet["B8"] = f"=SUM({first}:{last}!B3:B6)-B7"
    sheet["B9"] = f"=SUM({first}:{last}!B3:D6)"
