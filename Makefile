# make demo    install, build workbooks/mini.xlsx, recalculate it, check it: prompt, answer, a line for each witness
# make test    lint, types and the tests that are quick, in some minutes; says how many are left out
# make test-all   lint, types and all tests; what is skipped is listed with the reason; COVERAGE=yes counts lines too
# make coverage   the quick tests, and which lines of sheetgpt/ they did not reach; fails below the floor in the Makefile
# make minimum   the quick tests with the lowest versions of the dependencies that pyproject.toml allows
# make api     pages of the public names from their docstrings, into docs/api/
# make bench   the short benchmarks, side by side with other libraries: some minutes on a machine that is idle
# make full-check   GPT-2 small at full size, end to end: needs torch, 10 GB of disk, 8 GB of memory, half an hour
# make fuzz    100,000 random formulas in sheetgpt, LibreOffice and IronCalc; FUZZ='--seed 7 --count 5000' says which
# make pictures   every sheet of workbooks/mini.xlsx as LibreOffice shows it, into docs/sheets/: needs xvfb, xdotool, imagemagick
# make docs    the tables of functions in docs/functions.md, from the functions themselves; the outputs in docs/lesson.md;
#              the table of docs/disagreements.md
# make clean   remove what these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MINIMUM := .venv-minimum
WORKBOOK := workbooks/mini.xlsx
PROMPT := Michael Jordan plays the sport of
# Percent of the lines of sheetgpt/ that have to be reached. Measured: 93 by half of the quick test modules, without torch
# and without those of the deflate encoder. Below it, there is new code that no test runs.
FLOOR := 93
COUNT := --cov --cov-fail-under=$(FLOOR) --cov-report=term
# The quick way to count, of Python 3.12 and newer.
export COVERAGE_CORE := $(shell $(PYTHON) -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")')
# What a reader of `import sheetgpt` meets: its names, and the modules of what they take and give.
API := sheetgpt $(addprefix sheetgpt.,errors testing book.book book.grid book.address book.values book.appearance \
	evaluator comparison.diff comparison.result schema.answer verification.report gpt2.config gpt2.forward)
# The quick tests; MINIMUM_TESTS=tests/gpt2 tries a part of them.
MINIMUM_TESTS := -m 'not long'

.PHONY: demo test test-all lint coverage minimum api bench full-check fuzz pictures docs clean

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

# Lint, types, and pytest with some options. mypy keeps one core busy for a minute: it runs beside the tests.
define run_tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy & types=$$!; \
		$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(1); tests=$$?; \
		wait $$types && exit $$tests
endef

test: $(VENV)/installed
	$(call run_tests,-m 'not long')
	@echo "left out: $$($(BIN)/python -m pytest --collect-only -q -m long | grep -c ::) tests that take long (tests/support/long.py); make test-all runs them"

test-all: $(VENV)/installed
	$(call run_tests,$(if $(COVERAGE),$(COUNT)))

coverage: $(VENV)/installed
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not long' $(COUNT)

# The hub's library comes second: its lowest version wants newer ones of the others.
minimum:
	test -x $(MINIMUM)/bin/python || $(PYTHON) -m venv $(MINIMUM)
	$(MINIMUM)/bin/python tests/scripts/minimum_versions.py dependencies check > $(MINIMUM)/versions.txt
	$(MINIMUM)/bin/python -m pip install --quiet --editable . --requirement $(MINIMUM)/versions.txt \
		hypothesis pytest pytest-xdist
	$(MINIMUM)/bin/python -m pytest --numprocesses auto --dist worksteal --ignore-glob '*/test_fetch.py' $(MINIMUM_TESTS)
	$(MINIMUM)/bin/python tests/scripts/minimum_versions.py hub > $(MINIMUM)/versions.txt
	$(MINIMUM)/bin/python -m pip install --quiet --requirement $(MINIMUM)/versions.txt
	$(MINIMUM)/bin/python -m pytest $$(find tests -name test_fetch.py)

api: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	$(BIN)/python -W error -m pdoc --docformat markdown --output-directory docs/api $(API)

bench: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[check,bench]'
	for script in key_press writing reading calculating; do $(BIN)/python benchmarks/$$script.py || exit 1; done

full-check: $(VENV)/installed
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[check,hub,torch]'
	$(BIN)/python tests/full_check.py $(FULL_CHECK)

fuzz: $(VENV)/installed
	RUST_BACKTRACE=0 PYTHONPATH=tests $(BIN)/python -m fuzz $(FUZZ)

pictures: $(VENV)/installed
	test -f $(WORKBOOK) || $(BIN)/sheetgpt build mini -o $(WORKBOOK)
	$(BIN)/python tests/pictures.py $(WORKBOOK) docs/sheets

docs: $(VENV)/installed
	$(BIN)/python docs/functions.py
	$(BIN)/python docs/lesson.py
	PYTHONPATH=tests $(BIN)/python -m fuzz --page

clean:
	rm -rf $(VENV) $(MINIMUM) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .coverage docs/api
