"""The operator # where the cell before it is found when it is calculated, as in OFFSET(A1,1,0)#."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import Batch, Result, Step, areas_of, common_label, no_reference, single
from sheetgpt.evaluator.forms.form import Argument
from sheetgpt.evaluator.index.areas import Areas


def spill_range(arguments: Sequence[Argument], _array: bool) -> Step:
    """The step that gives the spill range of a cell, #REF! where it has none."""

    def run(batch: Batch) -> Result:
        anchor = arguments[0].result(batch)
        if not isinstance(anchor, Areas) or anchor.rows * anchor.columns > 1:
            return no_reference(anchor)
        found = [batch.workbook.spill(sheet, rect.top, rect.left) for sheet, rect in anchor.rects()]
        shape = common_label([None if rect is None else rect.shape for rect in found])
        return single(ErrorValue.REF) if shape is None else areas_of(anchor.sheets, anchor.tops, anchor.lefts, *shape)

    return run
