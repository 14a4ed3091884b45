"""Who reads whom, and in which order the formulas lie in the flow of a workbook."""
