"""The spreadsheet programs among the witnesses."""

from __future__ import annotations

# Left out where a check is not about them: they take long for a file.
PROGRAMS = ("LibreOffice", "IronCalc")
