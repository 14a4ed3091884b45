"""`python -m sheetgpt ...` does what the command `sheetgpt ...` does."""

from sheetgpt.cli.main import main

if __name__ == "__main__":
    main()
