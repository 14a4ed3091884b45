"""Bulk numbers <-> the XML of a sheet, fast, without a Python object for a cell."""
