# make demo    install, build workbooks/mini.xlsx, recalculate it, check it: prompt, answer, a line for each witness
# make test    lint, types and the tests that are quick, in some minutes; says how many are left out
# make test-all   lint, types and all tests; what is skipped is listed with the reason
# make bench   the short benchmarks, side by side with other libraries: some minutes on a machine that is idle
# make full-check   GPT-2 small at full size, end to end: needs torch, 10 GB of disk, 8 GB of memory, half an hour
# make pictures   every sheet of workbooks/mini.xlsx as LibreOffice shows it, into docs/sheets/: needs xvfb, xdotool, imagemagick
# make docs    the tables of functions in docs/functions.md, from the functions themselves
# make clean   remove what these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKBOOK := workbooks/mini.xlsx
PROMPT := Michael Jordan plays the sport of

.PHONY: demo test test-all lint bench full-check pictures docs clean

$(VENV)/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

demo: $(VENV)/installed
	$(BIN)/sheetgpt build mini -o $(WORKBOOK) --prompt '$(PROMPT)'
	$(BIN)/sheetgpt run $(WORKBOOK)
	$(BIN)/sheetgpt check $(WORKBOOK)

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not long'
	@echo "left out: $$($(BIN)/python -m pytest --collect-only -q -m long | grep -c ::) tests that take long (tests/support/long.py); make test-all runs them"

test-all: lint
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

bench: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[check,bench]'
	for script in key_press writing reading calculating; do $(BIN)/python benchmarks/$$script.py || exit 1; done

full-check: $(VENV)/installed
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[check,hub,torch]'
	$(BIN)/python tests/full_check.py $(FULL_CHECK)

pictures: $(VENV)/installed
	test -f $(WORKBOOK) || $(BIN)/sheetgpt build mini -o $(WORKBOOK)
	$(BIN)/python tests/pictures.py $(WORKBOOK) docs/sheets

docs: $(VENV)/installed
	$(BIN)/python docs/functions.py

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
