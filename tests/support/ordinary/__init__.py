"""Eight workbooks of formulas as people write them, each in a module of its own with a function `write`."""
