"""Bulk numbers <-> the XML of worksheets, with numpy over bytes instead of a Python object per cell."""
