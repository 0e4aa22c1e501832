# `make plan` and `make test` work on a fresh machine with Python 3.11 or newer and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# Interpreters of this machine for `make test-all`: PuLP 3.3 needs Python 3.11, PuLP 4 needs 3.12 or newer.
PYTHON311 ?= $(shell .ci/find-python 3.11)
PYTHON312 ?= $(shell .ci/find-python 3.13 3.12 3.14)

.PHONY: plan test test-all lint bench docs clean

plan: $(VENV)/.installed $(VENV)/.compiled
	$(BIN)/optimize scenarios/launch-us.yaml

test: $(VENV)/.installed-test $(VENV)/.compiled
	$(BIN)/python -m pytest -n auto

test-all:
	@test -n "$(PYTHON311)" || { echo "python3.11 is not on this machine (PuLP 3.3)"; exit 1; }
	@test -n "$(PYTHON312)" || { echo "no python3.12 or newer on this machine (PuLP 4)"; exit 1; }
	$(MAKE) test PYTHON=$(PYTHON311) VENV=.venv-pulp3
	$(MAKE) test PYTHON=$(PYTHON312) VENV=.venv-pulp4

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-test $(VENV)/.compiled
	$(BIN)/python -m tests.speed

docs: $(VENV)/.installed-test
	$(BIN)/python -m tests.regenerate

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed, e.g. make PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

# Where Python is told not to write bytecode, compiling the package anew would take a third of a short command.
$(VENV)/.compiled: $(wildcard optimizer/*.py optimizer/*/*.py optimizer/*/*/*.py) $(VENV)/.installed
	$(BIN)/python -m compileall -q optimizer
	touch $@

$(VENV)/.installed-test: pyproject.toml tests/requirements.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[report,cluster]' -r tests/requirements.txt
	touch $@

$(VENV)/.installed-lint: pyproject.toml $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements-lint.txt
	touch $@

clean:
	rm -rf .venv .venv-pulp3 .venv-pulp4 .pytest_cache .mypy_cache .ruff_cache .hypothesis
