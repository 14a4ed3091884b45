"""sheetgpt writes GPT-2 into Excel workbooks, recalculates them with numpy, and checks them cell by cell."""

__version__ = "0.1.0"
