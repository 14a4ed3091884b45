"""What charts say in the file: points with names, and which entries their legend has."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.chart import Chart, Series
from sheetgpt.xlsx.writer import write


def chart_xml(path: Path, *series: Series) -> str:
    book = Book()
    sheet = book.add("S")
    sheet.put(Rect(1, 1, 3, 3), np.arange(9.0).reshape(3, 3))
    sheet.look.widths = {(1, 9): 10}
    sheet.look.charts.append(Chart("scatter", Rect(5, 1, 20, 6), "points", series))
    write(book, path)
    with ZipFile(path) as package:
        return package.read("xl/charts/chart1.xml").decode()


def test_names_beside_points_follow_their_cells(tmp_path: Path) -> None:
    """Each point with a name is a series of its own, named by its cell, that the legend does not list."""
    cloud = Series(Rect(1, 2, 3, 2), Rect(1, 3, 3, 3), "cloud", names=Rect(1, 1, 3, 1))
    other = Series(Rect(1, 2, 3, 2), Rect(1, 3, 3, 3), "line", joined=True)
    xml = chart_xml(tmp_path / "a.xlsx", cloud, other)
    names = re.findall(r"<c:ser>.*?<c:tx>.*?<c:(?:f|v)>(.*?)</c:", xml)
    assert names == ["cloud", "line", "S!$A$1", "S!$A$2", "S!$A$3"]
    assert xml.count('<c:showSerName val="1"/>') == 3
    hidden = re.findall(r'<c:legendEntry><c:idx val="(\d)"/><c:delete val="1"/></c:legendEntry>', xml)
    assert hidden == ["2", "3", "4"]


def test_one_cloud_has_no_legend_and_numbers_of_axes_stand_outside(tmp_path: Path) -> None:
    xml = chart_xml(tmp_path / "a.xlsx", Series(Rect(1, 2, 3, 2), Rect(1, 3, 3, 3), names=Rect(1, 1, 3, 1)))
    assert "<c:legend>" not in xml
    assert xml.count('<c:tickLblPos val="low"/>') == 2
