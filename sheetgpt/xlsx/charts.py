"""Charts of a sheet, drawn by XlsxWriter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sheetgpt.book.address import at, reference
from sheetgpt.book.book import Sheet
from sheetgpt.book.chart import Axis, Chart, Series
from sheetgpt.book.palette import SERIES

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.chart import Chart as Drawn
    from xlsxwriter.worksheet import Worksheet

_SMALL = {"size": 8}
_SHAPES = {"bar": {"type": "bar"}, "line": {"type": "line"}, "scatter": {"type": "scatter"}}
_OUTSIDE = {"label_position": "low"}  # numbers at the edge, also where axes cross inside
_JOINED = {"type": "scatter", "subtype": "straight"}


def draw_charts(workbook: xlsxwriter.Workbook, worksheet: Worksheet, sheet: Sheet) -> None:
    """Draw what `sheet.look.charts` says."""
    for chart in sheet.look.charts:
        worksheet.insert_chart(
            chart.area.top - 1, chart.area.left - 1, _draw(workbook, sheet, chart), {"object_position": 1}
        )


def _draw(workbook: xlsxwriter.Workbook, sheet: Sheet, chart: Chart) -> Drawn:
    all_joined = chart.kind == "scatter" and all(series.joined for series in chart.series)
    drawn = workbook.add_chart(_JOINED if all_joined else _SHAPES[chart.kind])
    for number, series in enumerate(chart.series):
        drawn.add_series(_series(sheet, chart, series, series.colour or SERIES[number % len(SERIES)]))
    labels = [label for series in chart.series if series.names for label in _labels(sheet, series)]
    for label in labels:
        drawn.add_series(label)
    drawn.set_title({"name": chart.title, "name_font": {"size": 10}})
    hidden = list(range(len(chart.series), len(chart.series) + len(labels)))
    legend = {"position": "bottom", "font": _SMALL, "delete_series": hidden}
    drawn.set_legend(legend if len(chart.series) > 1 else {"none": True})
    names, values = {"num_font": _SMALL, "interval_unit": 1} | _axis(chart.across), _axis(chart.values)
    if chart.kind == "bar":  # names go down, so Excel's axes change places
        drawn.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": _SMALL})
        drawn.set_x_axis(values)
    elif chart.kind == "line":
        drawn.set_x_axis(names)
        drawn.set_y_axis(values)
    else:
        drawn.set_x_axis(_axis(chart.across) | _OUTSIDE)
        drawn.set_y_axis(values | _OUTSIDE)
    drawn.set_size({"width": _width(sheet, chart), "height": 20 * chart.area.rows})
    return drawn


def _series(sheet: Sheet, chart: Chart, series: Series, colour: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "categories": "=" + reference(sheet.name, series.across),
        "values": "=" + reference(sheet.name, series.values),
    }
    if series.name:
        shown["name"] = series.name
    if chart.kind == "bar":
        return shown | {"fill": {"color": colour}, "gap": 40}
    line = {"color": colour, "width": 1.75}
    if chart.kind == "line" or series.joined:
        marker = {"type": "circle", "size": 4, "fill": {"color": colour}, "border": {"color": colour}}
        return shown | {"line": line, "marker": marker if chart.kind == "line" else {"type": "none"}}
    dots = {"type": "circle", "size": 6, "fill": {"color": colour}, "border": {"color": "#FFFFFF"}}
    return shown | {"marker": dots, "line": {"none": True}}


def _labels(sheet: Sheet, series: Series) -> list[dict[str, object]]:
    """A name beside each point: that of a series of one point, because LibreOffice follows cells for no other text."""
    assert series.names is not None
    rects = (series.names, series.across, series.values)
    places = zip(*([at(*cell) for cell in rect.cells()] for rect in rects), strict=True)
    return [
        {
            "name": "=" + reference(sheet.name, name),
            "categories": "=" + reference(sheet.name, across),
            "values": "=" + reference(sheet.name, value),
            "marker": {"type": "none"},
            "line": {"none": True},
            "data_labels": {"series_name": True, "position": "right", "font": _SMALL},
        }
        for name, across, value in places
    ]


def _axis(axis: Axis) -> dict[str, object]:
    entries = {
        "name": axis.title or None,
        "num_format": axis.number_format,
        "min": axis.least,
        "max": axis.most,
        "major_unit": axis.step,
        "log_base": axis.log,
    }
    fonts = {
        "num_font": _SMALL,
        "name_font": _SMALL,
        "major_gridlines": {"visible": True, "line": {"color": "#E4E7EB"}},
    }
    return fonts | {name: entry for name, entry in entries.items() if entry is not None}


def _width(sheet: Sheet, chart: Chart) -> float:
    """Pixels of the columns that the chart stands over."""
    area = chart.area
    widths = {
        column: width
        for (first, last), width in sheet.look.widths.items()
        for column in range(max(first, area.left), min(last, area.right) + 1)
    }
    return sum(7 * width + 5 for width in widths.values())
