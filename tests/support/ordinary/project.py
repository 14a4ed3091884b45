"""A project plan and a timesheet as people write them: working days, hours over midnight, names of cells that move."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

TASKS = [  # name, owner, days, after, done
    ("Kick-off", "Ana", 1, None, 1), ("Requirements", "Ben", 8, 1, 1), ("Interviews", "Ana", 5, 1, 1),
    ("Concept", "Cleo", 10, 2, 0.8), ("Design", "Cleo", 12, 4, 0.5), ("Prototype", "Dov", 15, 4, 0.35),
    ("Review", "Ana", 2, 6, 0), ("Build", "Dov", 30, 7, 0), ("Texts", "Ben", 6, 5, 0.1), ("Tests", "Ben", 10, 8, 0),
    ("Training", "Ana", 4, 8, 0), ("Launch", "Cleo", 1, 10, 0),
]  # fmt: skip
SHIFTS = [  # in, out, break in minutes
    (time(8, 0), time(16, 45), 45), (time(22, 0), time(6, 15), 30), (time(7, 55), time(12, 5), 0), (None, None, None),
    (time(23, 30), time(7, 0), 30), (time(9, 0), time(18, 10), 60), (time(0, 0), time(8, 0), 30),
    (time(8, 3), time(16, 58), 45), (time(14, 20), time(23, 59), 30), (time(21, 45), time(0, 15), 0),
    (None, None, None), (time(6, 0), time(14, 30), 30), (time(8, 15), time(19, 45), 60), (time(8, 0), time(8, 0), 0),
    (time(7, 10), time(15, 40), 30),
]  # fmt: skip
FIRST = 5
LAST_TASK, LAST_DAY = FIRST + len(TASKS) - 1, FIRST + len(SHIFTS) - 1


def write(path: Path) -> None:
    book = Workbook()
    plan = book.active
    plan.title = "Plan"
    names = {
        "Start": "Plan!$B$2",
        "AsOf": "Plan!$D$2",
        "Holidays": "Lists!$B$2:$B$6",
        "People": "OFFSET(Lists!$A$2,0,0,COUNTA(Lists!$A:$A)-1,1)",
        "Rate": "Hours!$B$2",
        "Hours.Worked": f"Hours!$F${FIRST}:INDEX(Hours!$F:$F,{LAST_DAY})",
    }
    for name, text in names.items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    _plan(plan)
    _hours(book.create_sheet("Hours"))
    _people(book.create_sheet("People"))
    _lists(book.create_sheet("Lists"))
    book.save(path)


def _plan(sheet: Worksheet) -> None:
    sheet["A1"], sheet["A2"], sheet["B2"], sheet["C2"], sheet["D2"] = (
        "Plan",
        "Start",
        date(2025, 4, 7),
        "As of",
        date(2025, 6, 2),
    )
    heads = [
        "No.",
        "Task",
        "Owner",
        "Days",
        "After",
        "Done",
        "Begin",
        "End",
        "Calendar days",
        "Weekday",
        "Planned",
        "Status",
        "Slack",
        "Week",
        "Bar",
    ]
    for column, head in enumerate(heads, 1):
        sheet.cell(FIRST - 1, column, head)
    for row, (name, owner, days, after, done) in enumerate(TASKS, FIRST):
        for column, value in enumerate((row - FIRST + 1, name, owner, days, after, done), 1):
            sheet.cell(row, column, value)
        _task(sheet, row)
    last = LAST_TASK
    sheet[f"B{last + 2}"], sheet[f"H{last + 2}"] = "Project", f"=MAX(H{FIRST}:H{last})"
    sheet[f"D{last + 2}"] = f"=SUM(D{FIRST}:D{last})"
    sheet[f"F{last + 2}"] = f"=SUMPRODUCT(D{FIRST}:D{last},F{FIRST}:F{last})/D{last + 2}"
    sheet[f"G{last + 2}"] = f"=MIN(G{FIRST}:G{last})"
    sheet[f"I{last + 2}"] = f"=NETWORKDAYS(G{last + 2},H{last + 2},Holidays)"
    sheet[f"K{last + 2}"] = f"=SUMPRODUCT(D{FIRST}:D{last},K{FIRST}:K{last})/D{last + 2}"
    sheet[f"L{last + 2}"] = (
        f'=IF(F{last + 2}<K{last + 2}-0.1,"behind",IF(F{last + 2}>K{last + 2}+0.1,"ahead","on time"))&", ends "&TEXT(H{last + 2},"ddd d mmm yyyy")'
    )
    done = DataValidation(type="decimal", operator="between", formula1="0", formula2="1")
    owner = DataValidation(type="list", formula1="=People", allow_blank=True)
    for rule, cells in ((done, f"F{FIRST}:F{last}"), (owner, f"C{FIRST}:C{last}")):
        rule.add(cells)
        sheet.add_data_validation(rule)


def _task(sheet: Worksheet, row: int) -> None:
    before = f"INDEX($H${FIRST}:$H${LAST_TASK},MATCH(E{row},$A${FIRST}:$A${LAST_TASK},0))"
    formulas = {
        "G": f'=IF(E{row}="",WORKDAY(Start-1,1,Holidays),WORKDAY({before},1,Holidays))',
        "H": f"=WORKDAY(G{row},D{row}-1,Holidays)",
        "I": f"=H{row}-G{row}+1",
        "J": f'=TEXT(G{row},"ddd")&" to "&TEXT(H{row},"ddd")',
        "K": f"=MAX(0,MIN(1,NETWORKDAYS(G{row},AsOf,Holidays)/D{row}))",
        "L": f'=IF(F{row}=1,"done",IF(H{row}<AsOf,"LATE",IF(F{row}>=K{row},IF(F{row}>0,"running","not begun"),IF(K{row}-F{row}>0.25,"behind","watch"))))',
        "M": f'=IFERROR(NETWORKDAYS(H{row},MAX($H${FIRST}:$H${LAST_TASK}),Holidays)-1,"")',
        "N": f"=WEEKNUM(G{row},21)",
        "O": f'=REPT(" ",INT((G{row}-Start)/7))&REPT("=",MAX(1,ROUND(I{row}*F{row}/7,0)))&REPT("-",ROUND(I{row}*(1-F{row})/7,0))',
    }
    for column, formula in formulas.items():
        sheet[f"{column}{row}"] = formula
        sheet[f"{column}{row}"].number_format = "yyyy-mm-dd" if column in "GH" else "General"


def _hours(sheet: Worksheet) -> None:
    sheet["A1"], sheet["A2"], sheet["B2"], sheet["C2"], sheet["D2"] = (
        "Timesheet",
        "Rate",
        31.5,
        "Target",
        "=TIME(7,42,0)",
    )
    heads = [
        "Day",
        "In",
        "Out",
        "Break",
        "Night",
        "Worked",
        "Decimal",
        "Overtime",
        "Pay",
        "Balance",
        "Rounded",
        "Kind",
        "Text",
    ]
    for column, head in enumerate(heads, 1):
        sheet.cell(FIRST - 1, column, head)
    for row, (begin, end, pause) in enumerate(SHIFTS, FIRST):
        sheet.cell(row, 1, date(2025, 5, 5) if row == FIRST else f"=WORKDAY(A{row - 1},1,Holidays)")
        for column, value in enumerate((begin, end, pause), 2):
            sheet.cell(row, column, value)
        formulas = {
            "E": f'=IF(B{row}="",0,MAX(0,MIN(C{row}+(C{row}<B{row}),1.25)-MAX(B{row},22/24)))',
            "F": f"=IF(COUNT(B{row}:C{row})<2,0,MOD(C{row}-B{row},1)-D{row}/1440)",
            "G": f"=ROUND(F{row}*24,2)",
            "H": f"=IF(F{row}=0,0,F{row}-$D$2)",
            "I": f"=ROUND((MIN(F{row},8/24)+MAX(0,F{row}-8/24)*1.25+E{row}*0.25)*24*Rate,2)",
            "J": f"=SUM(H${FIRST}:H{row})",
            "K": f'=TEXT(ROUND(F{row}*96,0)/96,"h:mm")',
            "L": f'=IF(F{row}=0,"free",IF(E{row}>0,IF(F{row}>8/24,"long night","night"),IF(HOUR(B{row})<7,"early",IF(F{row}>10/24,"too long","day"))))',
            "M": f'=TEXT(A{row},"ddd dd.mm.")&" "&IF(B{row}="","-",TEXT(B{row},"hh:mm")&"-"&TEXT(C{row},"hh:mm"))&" "&IF(H{row}<0,"-","+")&TEXT(ABS(H{row}),"[h]:mm")',
        }
        for letter, formula in formulas.items():
            sheet[f"{letter}{row}"] = formula
            sheet[f"{letter}{row}"].number_format = "[h]:mm" if letter in "EF" else "General"
    below = LAST_DAY + 1
    for letter in "EFGHI":
        sheet[f"{letter}{below}"] = f"=SUM({letter}{FIRST}:{letter}{LAST_DAY})"
    sheet[f"M{below}"] = (
        f'=TEXT(SUM(Hours.Worked),"[h]:mm")&" h, "&TEXT(I{below},"#,##0.00")&", "&TEXT(SUM(Hours.Worked)-COUNTIF(Hours.Worked,">0")*D2,"[mm]")&" minutes over"'
    )
    sheet[f"A{below + 1}"] = f"=SUMPRODUCT((WEEKDAY(A{FIRST}:A{LAST_DAY},2)=1)*F{FIRST}:F{LAST_DAY})*24"
    sheet[f"B{below + 1}"] = f'=HOUR(F{below})&"h "&MINUTE(F{below})&"m "&SECOND(F{below})&"s"'
    sheet[f"C{below + 1}"] = '=TIMEVALUE("7:42")=D2'


def _people(sheet: Worksheet) -> None:
    for column, head in enumerate(
        ["Owner", "Tasks", "Days", "Busy from", "Busy to", "Open", "Longest", "Rate", "Cost", "Sheet"], 1
    ):
        sheet.cell(1, column, head)
    owner, days = f"Plan!$C${FIRST}:$C${LAST_TASK}", f"Plan!$D${FIRST}:$D${LAST_TASK}"
    for row in range(2, 6):
        sheet.cell(row, 1, "=INDEX(People,ROW()-1)")
        sheet.cell(row, 2, f"=COUNTIF({owner},A{row})")
        sheet.cell(row, 3, f"=SUMIF({owner},A{row},{days})")
        sheet.cell(row, 4, f"=_xlfn.MINIFS(Plan!$G${FIRST}:$G${LAST_TASK},{owner},A{row})")
        sheet.cell(row, 5, f"=_xlfn.MAXIFS(Plan!$H${FIRST}:$H${LAST_TASK},{owner},A{row})")
        sheet.cell(row, 6, f'=COUNTIFS({owner},A{row},Plan!$L${FIRST}:$L${LAST_TASK},"<>done")')
        sheet.cell(
            row,
            7,
            f"=INDEX(Plan!$B${FIRST}:$B${LAST_TASK},MATCH(MAX(INDEX(({owner}=A{row})*{days},0)),INDEX(({owner}=A{row})*{days},0),0))",
        )
        sheet.cell(row, 8, f"=VLOOKUP(A{row},Lists!$A$1:$C$20,3,FALSE)")
        sheet.cell(row, 9, f"=C{row}*H{row}*8")
        sheet.cell(row, 10, f'=INDIRECT("Lists!A"&ROW())=A{row}')
    sheet["A7"], sheet["B7"] = "Look at", "Days"
    sheet["C7"] = f'=SUM(INDIRECT("Plan!D{FIRST}:D"&{FIRST - 1}+COUNTA(Plan!B{FIRST}:B200)-1))'
    sheet["D7"] = (
        f"=SUM(OFFSET(Plan!A{FIRST - 1},1,MATCH(B7,Plan!A{FIRST - 1}:O{FIRST - 1},0)-1,COUNT(Plan!A{FIRST}:A200)))"
    )
    sheet["E7"] = "=ROWS(People)"
    sheet["F7"] = '=IFERROR(MATCH("Eve",People,0),"nobody")'
    sheet["G7"] = "=SUM(I2:I5)"
    sheet["H7"] = '=TEXT(G7,"#,##0")&" for "&SUM(C2:C5)&" days"'


def _lists(sheet: Worksheet) -> None:
    sheet["A1"], sheet["B1"], sheet["C1"] = "People", "Holidays", "Rate"
    for row, (name, rate) in enumerate([("Ana", 62), ("Ben", 55), ("Cleo", 71.5), ("Dov", 48)], 2):
        sheet.cell(row, 1, name)
        sheet.cell(row, 3, rate)
    holidays = (date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 29), date(2025, 6, 9))
    for row, day in enumerate(holidays, 2):
        sheet.cell(row, 2, day)
