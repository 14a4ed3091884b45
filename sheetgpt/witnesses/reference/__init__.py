"""What the formula cells of a workbook of ours should show, by numpy and plain Python, never by a formula."""
