"""A gradebook as people write it: marks, the worst left out, grades by bands, ranks, letters counted."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

PUPILS = """Abel, Nora;A;78 91 85 88 67 92;81
Barth, Emil;B;55 61 - 70 48 66;59.5
Çelik, Deniz;A;99 97 100 93 98 100;97
Dupont, Léa;B;82 79 88 - - 90;77
Eriksson, Ola;A;40 35 52 28 60 44;38
Fischer, Jan;C;73 73 73 73 73 73;73
García, Inés;C;90 85.5 79 94 88 91;89.5
Haddad, Sami;B;abs abs 64 71 69 58;62
Ito, Yuki;A;88 92 95 90 84 97;94
Jansen, Mia;C;61 58 70 66 abs 72;
Kowalski, Piotr;B;69.5 74 71 80 77 82;75
Lind, Åsa;C;95 89 91 96 93 90;92
Moreau, Tom;A;50 - 45 61 55 49;51
Novak, Eva;B;84 86 83 85 87 88;86
O'Brien, Sean;C;77 68 81 79 74 70;70""".splitlines()
FIRST, LAST = 6, 5 + len(PUPILS)
BANDS = [(0, "F", 0), (50, "E", 1), (60, "D", 1.5), (70, "C", 2), (80, "B", 3), (90, "A", 4)]


def write(path: Path) -> None:
    book = Workbook()
    marks = book.active
    marks.title = "Marks"
    bands = book.create_sheet("Bands")
    for row, band in enumerate([("From", "Grade", "Points"), *BANDS], 1):
        for column, value in enumerate(band, 1):
            bands.cell(row, column, value)
    book.defined_names["Bands"] = DefinedName("Bands", attr_text="Bands!$A$2:$C$7")
    book.defined_names["Final"] = DefinedName("Final", attr_text=f"Marks!$K${FIRST}:$K${LAST}")
    _marks(marks)
    _groups(book.create_sheet("Groups"))
    _letter(book.create_sheet("Report card"))
    book.save(path)


def _value(text: str) -> float | str | None:
    return None if text in ("-", "") else text if text == "abs" else float(text)


def _marks(sheet: Worksheet) -> None:
    sheet["A1"], sheet["A2"], sheet["B2"], sheet["C2"], sheet["D2"] = "Marks 10b", "Homework", 0.4, "Exam", "=1-B2"
    sheet["A3"] = f'="Class of "&COUNTA(A{FIRST}:A{LAST})&", "&COUNT(J{FIRST}:J{LAST})&" exams written"'
    heads = ["Name", "Group", *(f"H{n}" for n in range(1, 7)), "Homework", "Exam", "Final", "Grade", "Points", "Rank"]
    heads += ["Rank in group", "First name", "Passed", "z", "Missing", "Remark"]
    for column, head in enumerate(heads, 1):
        sheet.cell(FIRST - 1, column, head).font = Font(bold=True)
    for row, pupil in enumerate(PUPILS, FIRST):
        name, group, homework, exam = pupil.split(";")
        for column, value in enumerate([name, group, *map(_value, homework.split()), None, _value(exam)], 1):
            sheet.cell(row, column, value).alignment = Alignment(horizontal="center" if column > 2 else None)
        _pupil(sheet, row)
    _below(sheet)
    sheet.conditional_formatting.add(f"C{FIRST}:H{LAST}", ColorScaleRule("min", None, "F8696B", "max", None, "63BE7B"))
    sheet.auto_filter.ref = f"A{FIRST - 1}:T{LAST}"


def _pupil(sheet: Worksheet, row: int) -> None:
    marks = f"C{row}:H{row}"
    formulas = {  # the worst mark is left out where there are at least four
        "I": f"=IFERROR(IF(COUNT({marks})>=4,(SUM({marks})-SMALL({marks},1))/(COUNT({marks})-1),AVERAGE({marks})),0)",
        "K": f'=IF(ISNUMBER(J{row}),ROUND(I{row}*$B$2+J{row}*$D$2,1),"incomplete")',
        "L": f'=IFERROR(VLOOKUP(K{row},Bands,2,TRUE),"-")',
        "M": f'=IF(L{row}="-",0,INDEX(Bands!$C$2:$C$7,MATCH(L{row},Bands!$B$2:$B$7,0)))',
        "N": f'=IFERROR(RANK(K{row},$K${FIRST}:$K${LAST},0),"")',
        "O": f'=IF(ISNUMBER(K{row}),COUNTIFS($B${FIRST}:$B${LAST},B{row},Final,">"&K{row})+1,"")',
        "P": f'=TRIM(MID(A{row},FIND(",",A{row})+1,50))',
        "Q": f'=AND(ISNUMBER(K{row}),N(K{row})>=50,COUNTIF({marks},"abs")<2)',
        "R": f'=IF(ISNUMBER(K{row}),STANDARDIZE(K{row},AVERAGE(Final),STDEV(Final)),"")',
        "S": f'=COUNTBLANK({marks})+COUNTIF({marks},"abs")',
        "T": f'=P{row}&": "&IF(NOT(Q{row}),"to be talked over",IF(N(K{row})=MAX(Final),"best of the year",IF(R{row}>1,"very good",'
        f'IF(S{row}>0,S{row}&" missing","ok"))))',
    }
    for column, formula in formulas.items():
        sheet[f"{column}{row}"] = formula
        sheet[f"{column}{row}"].number_format = "0.0" if column in "IKR" else "General"


def _below(sheet: Worksheet) -> None:
    """What there is to say of each column of marks."""
    rows = {
        "Mean": "AVERAGE",
        "Median": "MEDIAN",
        "Highest": "MAX",
        "Lowest": "MIN",
        "Spread": "STDEV",
        "Written": "COUNT",
    }
    for row, (name, function) in enumerate(rows.items(), LAST + 2):
        sheet.cell(row, 1, name)
        for column in "CDEFGHIJK":
            sheet[f"{column}{row}"] = f"={function}({column}{FIRST}:{column}{LAST})"
    last = LAST + 2 + len(rows)
    sheet.cell(last, 1, "90th percentile")
    sheet.cell(last + 1, 1, "Below 60")
    for column in "CDEFGHIJK":
        cells = f"{column}{FIRST}:{column}{LAST}"
        sheet[f"{column}{last}"] = f"=PERCENTILE({cells},0.9)"
        sheet[f"{column}{last + 1}"] = f'=COUNTIF({cells},"<60")/COUNT({cells})'
        sheet[f"{column}{last + 2}"] = f'=IFERROR(MODE({cells}),"none")'
        sheet[f"{column}{last + 3}"] = f"=ROUND(CORREL({cells},$J${FIRST}:$J${LAST}),3)"


def _groups(sheet: Worksheet) -> None:
    heads = ["Group", "Pupils", "Mean", "Best", "Who", "Passed", "Above 80", "Exam of good homework"]
    for column, head in enumerate(heads, 1):
        sheet.cell(1, column, head)
    group, passed = f"Marks!$B${FIRST}:$B${LAST}", f"Marks!$Q${FIRST}:$Q${LAST}"
    for row, name in enumerate("ABC", 2):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, f"=COUNTIF({group},A{row})")
        sheet.cell(row, 3, f"=AVERAGEIFS(Final,{group},A{row})")
        sheet.cell(row, 4, f"=_xlfn.MAXIFS(Final,{group},A{row})")
        sheet.cell(row, 5, f"=INDEX(Marks!$A${FIRST}:$A${LAST},MATCH(D{row},Final,0))")
        sheet.cell(row, 6, f"=SUMPRODUCT(({group}=A{row})*{passed})")
        sheet.cell(row, 7, f'=COUNTIFS({group},A{row},Final,">80")')
        exam, homework = f"Marks!$J${FIRST}:$J${LAST}", f"Marks!$I${FIRST}:$I${LAST}"
        sheet.cell(row, 8, f'=IFERROR(AVERAGEIFS({exam},{group},A{row},{homework},">=85"),"none")')
    sheet["A6"], sheet["B6"], sheet["C6"], sheet["D6"] = "Grade", "Count", "Share", "Bar"
    for row, letter in enumerate("ABCDEF", 7):
        sheet.cell(row, 1, letter)
        sheet.cell(row, 2, f"=COUNTIF(Marks!$L${FIRST}:$L${LAST},A{row})")
        sheet.cell(row, 3, f"=B{row}/SUM($B$7:$B$12)").number_format = "0%"
        sheet.cell(row, 4, f'=REPT("█",B{row})&" "&TEXT(C{row},"0%")')
    sheet["F6"], sheet["G6"] = "Top", "Name"
    for row in range(7, 12):
        sheet.cell(row, 6, "=LARGE(Final,ROW()-6)")
        sheet.cell(row, 7, f'=INDEX(Marks!$P${FIRST}:$P${LAST},MATCH(F{row},Final,0))&" ("&TEXT(F{row},"0.0")&")"')
    sheet["A14"] = (
        '="Mean of all: "&FIXED(AVERAGE(Final),1)&"; "&TEXT(SUMPRODUCT(--(Marks!Q6:Q20))/ROWS(Final),"0%")&" passed"'
    )


def _letter(sheet: Worksheet) -> None:
    """What is sent home: a name is typed, all else is looked up."""
    sheet["A1"], sheet["B1"] = "Pupil", "Lind, Åsa"
    rows = {"Group": 2, "Homework": 9, "Exam": 10, "Final": 11, "Grade": 12, "Rank": 14}
    for row, (name, column) in enumerate(rows.items(), 3):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, f"=VLOOKUP($B$1,Marks!$A${FIRST}:$T${LAST},{column},FALSE)")
        sheet.cell(
            row, 3, f'=IFERROR(HLOOKUP(A{row},Marks!$A$5:$T$20,MATCH($B$1,Marks!$A$5:$A$20,0),FALSE),"no such column")'
        )
        sheet.cell(row, 4, f"=B{row}=C{row}")
    sheet["A10"] = (
        '="Dear parents of "&TRIM(RIGHT(SUBSTITUTE(B1,",",REPT(" ",40)),40))&" "&UPPER(LEFT(B1,FIND(",",B1)-1))&","'
    )
    sheet["A11"] = (
        '="the final mark is "&TEXT(B6,"0.0")&" ("&B7&"), "&IF(B8<=3,"among the best three","rank "&B8)&" of "&COUNT(Final)&"."'
    )
    sheet["A12"] = '=IF(B5>B4,"The exam was better than the homework.","The homework was better than the exam.")'
