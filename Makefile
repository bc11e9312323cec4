# Two commands on a fresh machine (Python 3.11+, make, a C compiler): `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint coverage lock clean

demo: $(READY)
	$(BIN)/grondslag assess fixtures/judgments/rvs-2021-89.yaml --only entry_ban || test $$? -eq 1
	$(BIN)/grondslag why fixtures/judgments/rvs-2021-89.yaml entry_ban.issue || test $$? -eq 1

test: $(READY)
	$(BIN)/pytest -n auto

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

coverage: $(READY) ## write docs/coverage.md anew
	$(BIN)/grondslag coverage tests/rules fixtures/judgments --lang en > docs/coverage.new
	mv docs/coverage.new docs/coverage.md

lock: ## write requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile -q --extra dev --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-header --allow-unsafe --strip-extras -o requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
