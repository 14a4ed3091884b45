"""What `sheetgpt check` does: a workbook against its witnesses, and against what sheetgpt writes."""
