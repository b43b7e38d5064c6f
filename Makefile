# Everything from a fresh clone: each target sets up what it needs, once.
#   make test     all tests, with the real stores          make lint types   the checks by reading
#   make demo     the online store, MySQL to DynamoDB      make check        lint + types
#   make test-mysql   the same tests on MySQL 9.7          make bench scale laws soak faults fuzz
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
ROWS ?= 1000000
EXAMPLES ?= 20000
SCHEDULES ?= 100000
TIMES ?= 50
PROGRAMS ?= 2000
STEPS ?= 50

# Group `dev` of pyproject.toml, read from it: the pins live in one place.
DEV = $(BIN)/pip install --quiet --editable '.[testing]' --group dev

.PHONY: demo test test-mysql lint types check bench laws soak faults fuzz programs pages scale clean
.DEFAULT_GOAL := test

$(VENV)/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dalkit needs Python 3.11 or newer; say which: make PYTHON=python3.12")'
	$(PYTHON) -c 'import ensurepip' || { test $$(id -u) = 0 && apt-get update -q \
		&& apt-get install -q -y --no-install-recommends python3-venv; } \
		|| { echo "install Debian's python3-venv, or say which Python: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(DEV)
	touch $@

demo: $(VENV)/ready
	DALKIT_VERBOSE=1 $(BIN)/python -m dalkit.testing.demo

test: $(VENV)/ready
	DALKIT_VERBOSE=1 $(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

test-mysql: $(VENV)/ready
	DALKIT_VERBOSE=1 DALKIT_MYSQL_FLAVOR=mysql $(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy
	$(BIN)/pyright

check: lint types

bench: $(VENV)/ready
	$(BIN)/python benchmarks/conversion.py
	$(BIN)/python benchmarks/pages.py

# The same laws as in `make test`, with many more examples; figures are kept.
laws: $(VENV)/ready
	mkdir -p artifacts/laws
	DALKIT_VERBOSE=1 DALKIT_EXAMPLES=$(EXAMPLES) DALKIT_FIGURES=$(CURDIR)/artifacts/laws \
		$(BIN)/python -m pytest -n $(WORKERS) --timeout 0 -p no:randomly \
		tests/laws/test_fragments_agree.py tests/laws/test_contracts_agree.py

# Schedules and programs of the effect layer's pure parts, many more than in `make test`.
soak: $(VENV)/ready
	mkdir -p artifacts/soak
	DALKIT_SCHEDULES=$(SCHEDULES) DALKIT_PROGRAMS=$(PROGRAMS) \
		DALKIT_FIGURES=$(CURDIR)/artifacts/soak $(BIN)/python -m pytest -n $(WORKERS) --timeout 0 \
		tests/run/test_breaker_schedules.py tests/run/test_cache_together.py

# Proxies in front of both stores: 28,000 faults over 200,000 operations; figures are kept.
faults: $(VENV)/ready
	mkdir -p artifacts/faults
	DALKIT_VERBOSE=1 DALKIT_FAULTS=long DALKIT_FIGURES=$(CURDIR)/artifacts/faults \
		$(BIN)/python -m pytest -n $(WORKERS) --timeout 0 -p no:randomly tests/faults

# Random programs on memory, MySQL and DynamoDB, step by step; figures are kept.
programs: $(VENV)/ready
	mkdir -p artifacts/programs
	DALKIT_VERBOSE=1 DALKIT_PROGRAMS=$(PROGRAMS) DALKIT_STEPS=$(STEPS) \
		DALKIT_FIGURES=$(CURDIR)/artifacts/programs $(BIN)/python -m pytest -n $(WORKERS) \
		--timeout 0 -p no:randomly tests/stores/test_programs.py -k agree

fuzz: $(VENV)/ready
	DALKIT_VERBOSE=1 DALKIT_TIMES=$(TIMES) $(BIN)/python -m pytest -n $(WORKERS) --timeout 0 \
		tests/contract/test_hostile.py tests/schema/test_faults.py tests/laws/test_conversion.py

pages: $(VENV)/ready
	$(BIN)/python -m dalkit.testing.code_pages artifacts/codes

scale: $(VENV)/ready
	DALKIT_VERBOSE=1 $(BIN)/python benchmarks/scale.py --rows $(ROWS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
