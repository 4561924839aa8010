# Needs Python 3.11 or later and make. A C compiler lets the rule engine be built (Python 3.11 and 3.12).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
unexport PYTHONPATH PYTHONHOME

# The first of these that runs and is recent enough; `make setup PYTHON=...` chooses another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; exit; fi; \
	done; echo python3)

BIN := .venv/bin
PACKAGES := .venv/.packages-done
STAMP := .venv/.setup-done
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PINS := $(addprefix requirements/,build.txt dev.txt engine.txt)
CODE := $(wildcard src api tests benchmarks examples)

# Prints why the engine cannot be built here, or nothing.
WHY_NOT := import os, shutil, sys, sysconfig as s; \
	cc = (os.environ.get("CC") or s.get_config_var("CC") or "cc").split()[0]; \
	header = os.path.join(s.get_path("include"), "Python.h"); \
	print("the rule engine does not build on Python 3.13 or later" if sys.version_info >= (3, 13) \
	else "no C compiler found" if not shutil.which(cc) \
	else "the C headers of Python are not installed" if not os.path.exists(header) else "")

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(STAMP) ## make .venv with everything pinned, once

# The engine's own setup compiles it without optimization unless told so: -O2 makes it a quarter faster, with the same
# results. A wheel that pip has kept from elsewhere is not used, because it may be the slow one.
$(PACKAGES): $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "setup needs Python 3.11 or later; name one: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || \
		{ echo "setup needs the venv module of Python (on Debian and Ubuntu: the package python3-venv)" >&2; exit 1; }
	@echo "installing the pinned packages into .venv with $$($(BIN)/python --version)"
	@$(PIP) install --quiet --require-hashes --only-binary=:all: -r requirements/build.txt
	@$(PIP) install --quiet --require-hashes --only-binary=:all: -r requirements/dev.txt
	@why="$$($(BIN)/python -c '$(WHY_NOT)')"; \
	if [ -n "$$why" ]; then \
		echo "$$why: the reference evaluator will be used (same results, slower)"; \
	else \
		echo "building the rule engine from source"; \
		CPPFLAGS="-O2 $$CPPFLAGS" $(PIP) install --quiet --require-hashes --no-build-isolation --no-cache-dir \
			-r requirements/engine.txt; \
	fi
	@touch $@

$(STAMP): $(PACKAGES) pyproject.toml
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: demo
demo: $(STAMP) ## screen the example inbox
	@$(BIN)/triage screen examples/inbox.csv

.PHONY: test
test: lint types $(STAMP) ## run everything that must hold: lint, types, tests
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: lint
lint: $(STAMP) ## check style and formatting
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)

.PHONY: format
format: $(STAMP) ## put style and formatting right
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

.PHONY: types
types: $(STAMP) ## check types
	@$(BIN)/mypy

.PHONY: bench
bench: $(STAMP) ## run the measurements of benchmarks/
	@set -e; for file in $(sort $(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file; done

.PHONY: schema
schema: $(STAMP) ## make rules/schema.json anew, after a change of the vocabularies
	@$(BIN)/triage rules --schema --output rules/schema.json

.PHONY: openapi
openapi: $(STAMP) ## make tests/golden/openapi.json anew, after a change of the API that is meant
	@$(BIN)/python -m triage_api > tests/golden/openapi.json

.PHONY: pins
pins: ## make requirements/*.txt anew from *.in (needs uv)
	@set -e; for name in build runtime engine dev; do \
		uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-header requirements/$$name.in -o requirements/$$name.txt; \
	done

.PHONY: clean
clean: ## remove .venv and all that is generated
	@rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
