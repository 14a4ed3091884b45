"""Recalculation of a book with numpy: knows spreadsheets, not GPT-2, and never touches files.

    index/      book -> numbered sheets and formulas (indexed_book, areas), which formula fills which cells (rect_index)
    compile/    formulas -> plans, once for each skeleton: functions of a batch (bulk_binder, binder, plan, compiler)
    graph/      plans -> who reads whom (dependency_graph), and the flow from run to run (ranking, components)
    schedule/   graph -> values batch by batch (executor), in an order that is found the first time (scheduler) and
                followed from then on (replay); circles that the book allows (circles); formulas that cannot be
                calculated, whose stored values are taken over (kept, taking_over)
    sources     what values come of besides cells: the clock, random numbers; data_tables: what-if tables of Excel
    scenarios/  a book as a function of some cells, many scenarios at once
    batch/      formulas of one shape calculated together, and the arrays that come of them

`compile/compiler` calls what `sheetgpt.functions` offers. What Excel does not calculate like a function has a form in
forms/: `branching` (IF and its kin), `references` (INDEX, OFFSET, INDIRECT), `positions` (ROW, COLUMNS, SHEET, ...),
`reference_operators`, `lambdas` (LET, LAMBDA) and `higher_order` (MAP and its kin); `compile/scopes` finds whose names
are whose. What becomes of dynamic formulas that need other cells is in `schedule/spills`.
"""

from sheetgpt.evaluator.calculator import Calculator, Place, recalculate
from sheetgpt.evaluator.forms.volatile import CLOCK, RANDOM
from sheetgpt.evaluator.index.clock import DEFAULT_SEED
from sheetgpt.evaluator.schedule.executor import Statistics
from sheetgpt.evaluator.sources import Sources
from sheetgpt.evaluator.taken_over import Ranges, TakenOver
from sheetgpt.evaluator.unsupported import find_unsupported

__all__ = [
    "CLOCK",
    "DEFAULT_SEED",
    "RANDOM",
    "Calculator",
    "Place",
    "Ranges",
    "Sources",
    "Statistics",
    "TakenOver",
    "find_unsupported",
    "recalculate",
]
