"""How the workbooks of two files look: formats, marks of sheets, comments, charts; what of it differs."""
