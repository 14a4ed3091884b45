"""XML of worksheets -> values and formulas, in bulk: with numpy over bytes instead of a Python object per cell."""
