"""The workbook that the tests of the check damage: its prompt and its rows for tokens."""

from __future__ import annotations

IDS = [5, 17, 200, 3]
ROWS = 7
