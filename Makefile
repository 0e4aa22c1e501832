# `make plan` and `make test` work on a fresh machine with Python 3.11 or newer and make.
PYTHON ?= python3
VENV ?= .venv
NEWEST ?= .venv-newest
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Interpreters of this machine for `make test-all`: PuLP 3.3 needs Python 3.11, PuLP 4 needs 3.12 or newer.
PYTHON311 ?= $(shell .ci/find-python 3.11)
PYTHON312 ?= $(shell .ci/find-python 3.13 3.12 3.14)

.PHONY: plan test test-all test-newest lint lock fuzz bench benchmarks calibration docs clean

plan: $(VENV)/.installed $(VENV)/.compiled
	$(BIN)/optimize scenarios/launch-us.yaml

# One process for each file of tests, which often share plans.
test: $(VENV)/.installed-test $(VENV)/.compiled
	$(BIN)/python -m pytest -n auto --dist loadfile

test-all:
	@test -n "$(PYTHON311)" || { echo "python3.11 is not on this machine (PuLP 3.3)"; exit 1; }
	@test -n "$(PYTHON312)" || { echo "no python3.12 or newer on this machine (PuLP 4)"; exit 1; }
	$(MAKE) test PYTHON=$(PYTHON311) VENV=.venv-pulp3
	$(MAKE) test PYTHON=$(PYTHON312) VENV=.venv-pulp4

# The newest of everything that pyproject.toml allows, in a fresh environment, instead of what is pinned.
test-newest:
	PYTHON=$(PYTHON) VENV=$(NEWEST) .ci/test-newest

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.typed_examples

# Longer checks: ten thousand scenarios whose limits lie within a cent of what some plan comes to, and the tests with
# random cases with many more of them.
fuzz: $(VENV)/.installed-test $(VENV)/.compiled
	$(BIN)/python -m tests.proofs
	MORE=1 $(BIN)/python -m pytest -n auto --dist loadfile tests/test_brute_force.py tests/test_bridge.py \
	  tests/test_properties.py tests/test_conflicts.py tests/test_lagrangian.py tests/test_dependable.py \
	  tests/test_negotiation.py tests/test_stress.py tests/test_stress_goals.py tests/test_stress_words.py \
	  tests/test_ranges.py tests/test_roster_damaged.py tests/test_roster_published.py tests/test_roster_nasty.py

bench: $(VENV)/.installed-test $(VENV)/.compiled
	$(BIN)/python -m tests.speed

# Fits the packaged benchmark set anew and prints how good it is on publishers left out, and the conflict it shows.
benchmarks: $(VENV)/.installed-test
	$(BIN)/python -m optimizer.benchmarks.making
	$(BIN)/python -m tests.conflict

# Scores forecasts on accounts whose later month is known: make calibration PANEL=panel.csv
calibration: $(VENV)/.installed-test
	@$(BIN)/python -m tests.calibration $(PANEL)

docs: $(VENV)/.installed-test
	$(BIN)/python -m tests.regenerate

# Pins the newest of everything that pyproject.toml allows, for Python 3.11 (PuLP 3.3) and for 3.12 and newer (PuLP 4):
# lines that hold for one of them only say so. Each file holds what the one before it holds, and more.
LOCK := .venv-lock/bin/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-config --default-index https://pypi.org/simple --custom-compile-command "make lock" --quiet
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	$(LOCK) -o locks/lint.txt --group build --extra report --extra xlsx --extra cluster --group test --group lint
	$(LOCK) -o locks/test.txt --group build --extra report --extra xlsx --extra cluster --group test -c locks/lint.txt
	$(LOCK) -o locks/plan.txt --group build -c locks/lint.txt

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed, e.g. make PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)

# Exactly the versions of locks/, compared with their hashes, the build backend included; then the package itself.
$(VENV)/.installed: pyproject.toml locks/plan.txt | $(VENV)/bin/python
	$(PIP_INSTALL) --require-hashes -r locks/plan.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	touch $@

# Where Python is told not to write bytecode, compiling the package anew would take a third of a short command.
$(VENV)/.compiled: $(wildcard optimizer/*.py optimizer/*/*.py optimizer/*/*/*.py) $(VENV)/.installed
	$(BIN)/python -m compileall -q optimizer
	touch $@

$(VENV)/.installed-test: locks/test.txt $(VENV)/.installed
	$(PIP_INSTALL) --require-hashes -r locks/test.txt
	touch $@

$(VENV)/.installed-lint: locks/lint.txt $(VENV)/.installed-test
	$(PIP_INSTALL) --require-hashes -r locks/lint.txt
	touch $@

clean:
	rm -rf .venv .venv-* .pytest_cache .mypy_cache .ruff_cache .hypothesis
