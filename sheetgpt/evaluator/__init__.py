"""Recalculation of a book with numpy: knows spreadsheets, not GPT-2, and never touches files.

    book      -> workbook    numbered sheets and formulas, and which formula fills which cells (overlap)
    formulas  -> plans       once for each skeleton: steps, functions of a batch (binding, plan, steps, repeats)
    plans     -> graph       who reads whom (graph), and the flow from run to run (order, components)
    graph     -> values      batch by batch (work, batch, cells, results), in an order that is found the first
                             time (schedule) and followed from then on (trail)

`steps` calls what `sheetgpt.functions` offers. What Excel does not calculate like a function has a form:
`choices` (IF and its kin), `finding` (INDEX, OFFSET, INDIRECT), `places` (ROW, COLUMNS, SHEET, ...), and
`reference_operators`.
"""

from sheetgpt.evaluator.calculator import Calculator, Place, recalculate, unsupported
from sheetgpt.evaluator.schedule.executor import Statistics

__all__ = ["Calculator", "Place", "Statistics", "recalculate", "unsupported"]
