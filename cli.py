"""`python cli.py ...` in a checkout does what the installed command `sheetgpt ...` does."""

from sheetgpt.cli.main import main

if __name__ == "__main__":
    main()
