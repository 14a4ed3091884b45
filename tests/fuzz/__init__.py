"""The differential fuzzer: random formulas in our engine, in LibreOffice and in IronCalc. `python -m fuzz --help`."""
