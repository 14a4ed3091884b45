"""A workbook in memory: cells, rectangles and values, formulas, names, and how sheets look. Excel's model, no more."""
