# FlexDesk. `make run` serves, `make test` tests everything, `make check` is quick and static.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run test check soak shots lock chromium clean

BIN := .venv/bin
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet
# Two workers of one thread each; a file's tests stay together. Files come in their order: by the number of their
# tests the browser's, which are few and long, would come last, and one worker would wait for the other's.
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1

help:
	@echo "make run    set up .venv, load the demo day into an empty database, serve desks and REST"
	echo "make test   set up, then every test, the browser's too"
	echo "make check  format, lint, types, import contracts, docs"
	echo "make soak   100,000 odd requests to a server, 10,000 messages through faults; counts go to docs/reliability.md"
	echo "make lock   resolve the dependencies anew (needs uv)"
	echo "make clean  remove .venv and caches; data in var/ stays"

run: .venv/runtime-installed
	@FLEXDESK_DEMO="$${FLEXDESK_DEMO:-true}" exec $(BIN)/python launch.py serve

test: .venv/dev-installed chromium
	@# Bytecode is kept, whatever the caller's shell says: the tests start many servers and workers.
	$(ONE_THREAD) PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(PYTEST_ARGS)

check: .venv/dev-installed
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/architecture/test_docs.py

soak: .venv/dev-installed
	@$(ONE_THREAD) $(BIN)/python -m tests.soak $(SOAK_ARGS)
	$(ONE_THREAD) $(BIN)/python -m tests.soak.faults $(FAULTS_ARGS)

shots: .venv/dev-installed chromium
	@$(ONE_THREAD) $(BIN)/python -m tests.e2e.shots

# The stamps are newer than the locks exactly when what the locks name is installed.
.venv/runtime-installed: requirements.lock | .venv/bin/python
	@echo "Installing what requirements.lock names (once; takes a few minutes on a slow line)..."
	$(PIP_INSTALL) -r requirements.lock
	touch $@

.venv/dev-installed: requirements-dev.lock | .venv/bin/python
	@echo "Installing what requirements-dev.lock names..."
	$(PIP_INSTALL) -r requirements-dev.lock
	touch $@

.venv/bin/python:
	@if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	  echo "FlexDesk needs Python 3.11 or newer; give its path: make PYTHON=/path/to/python3.11 ..." >&2
	  exit 1
	fi
	if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then
	  echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu install python3-venv." >&2
	  exit 1
	fi
	"$(PYTHON)" -m venv .venv

chromium:
	@if command -v chromium >/dev/null; then exit 0; fi
	if [ "$$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root="no"; fi
	if [ "$$as_root" = "no" ] || ! command -v apt-get >/dev/null; then
	  echo "The browser tests need Chromium as the command 'chromium'." >&2
	  echo "On Debian install it: apt-get install chromium fonts-liberation" >&2
	  exit 1
	fi
	$$as_root apt-get update -qq
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation

lock:
	@export UV_CUSTOM_COMPILE_COMMAND="make lock"
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
