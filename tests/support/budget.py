"""A budget as other people's programs write it: openpyxl, 110 formulas, no stored values."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

_INPUTS = [
    ("Customers in January", 120.0),
    ("growth per month", 0.04),
    ("Price", 49.0),
    ("Cost per customer", 12.5),
    ("Rent", 2400.0),
    ("Tax", 0.25),
]
_MONTHS = 12


def write_budget(path: Path) -> None:
    """Inputs, a sheet with a row for each month, and a summary of them."""
    book = Workbook()
    inputs = book.active
    inputs.title = "Inputs"
    for row, (label, value) in enumerate(_INPUTS, 1):
        inputs.cell(row, 1, label)
        inputs.cell(row, 2, value)
    book.defined_names["growth"] = DefinedName("growth", attr_text="Inputs!$B$2")
    book.defined_names["price"] = DefinedName("price", attr_text="Inputs!$B$3")
    _write_months(book.create_sheet("Months"))
    _write_summary(book.create_sheet("Summary"))
    book.save(path)


def _write_months(sheet: Worksheet) -> None:
    headings = ["Month", "Customers", "Sales", "Costs", "Result", "Tax", "Net", "Sum", "Note"]
    for column, heading in enumerate(headings, 1):
        sheet.cell(1, column, heading)
    for row in range(2, _MONTHS + 2):
        sheet.cell(row, 1, f"=DATE(2025,{row - 1},1)")
        sheet.cell(row, 2, "=Inputs!B1" if row == 2 else f"=ROUND(B{row - 1}*(1+growth),0)")
        sheet.cell(row, 3, f"=B{row}*price")
        sheet.cell(row, 4, f"=B{row}*Inputs!$B$4+Inputs!$B$5")
        sheet.cell(row, 5, f"=C{row}-D{row}")
        sheet.cell(row, 6, f"=MAX(0,E{row}*Inputs!$B$6)")
        sheet.cell(row, 7, f"=E{row}-F{row}")
        sheet.cell(row, 8, f"=SUM(G$2:G{row})")
        sheet.cell(row, 9, f'=IF(G{row}<0,"loss",IF(H{row}>20000,"safe",""))')


def _write_summary(sheet: Worksheet) -> None:
    lines = [
        ("Sales", "=SUM(Months!C2:C13)"),
        ("Net", "=SUM(Months!G2:G13)"),
        ("Margin", "=B2/B1"),
        ("Months with a loss", '=COUNTIF(Months!I2:I13,"loss")'),
        ("First safe month", '=INDEX(Months!A2:A13,MATCH("safe",Months!I2:I13,0))'),
        ("Return of the rent", "=B2/Inputs!B5"),
    ]
    for row, (label, formula) in enumerate(lines, 1):
        sheet.cell(row, 1, label)
        sheet.cell(row, 2, formula)
