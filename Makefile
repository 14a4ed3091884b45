# make demo    install, build workbooks/mini.xlsx, recalculate it, check it, print the prediction
# make test    lint, types and tests; what is skipped is listed with the reason
# make clean   remove what these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKBOOK := workbooks/mini.xlsx
PROMPT := Michael Jordan plays the sport of

.PHONY: demo test lint clean

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
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
