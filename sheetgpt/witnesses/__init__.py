"""Who says what the formulas of a workbook come to: spreadsheet programs, and the numpy reference."""
