# The verbs of this project. `make demo` and `make test` set everything up themselves.
PYTHON ?= python3
BIN := .venv/bin
STORE ?= runs.db
PYTEST := $(BIN)/python -m pytest
FAST := tests/test_rooms.py tests/test_layout.py tests/test_names.py tests/test_doctests.py tests/barograph tests/db tests/dashboard/charts

.PHONY: demo serve test test-dashboard test-rest check wheel-check lint types docs bench clean

demo: .venv/ready  ## a real training run and the dashboard on http://127.0.0.1:8501; Ctrl-C ends both
	@$(BIN)/barograph demo --store $(STORE)

serve: .venv/ready  ## the dashboard alone
	@$(BIN)/barograph serve --store $(STORE)

test: .venv/ready-dev  ## lint and the whole suite, browser tests included, in two halves side by side
	$(BIN)/ruff check .
	$(BIN)/python tests/chromium.py
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target test-dashboard test-rest

test-dashboard:
	$(PYTEST) tests/dashboard tests/browser

test-rest:
	$(PYTEST) --ignore=tests/dashboard --ignore=tests/browser --ignore=tests/install

check: lint types  ## lint, types and the fast tests: what to run before each push
	$(PYTEST) -m 'not slow' $(FAST)

wheel-check: .venv/ready-dev  ## the wheel, installed into fresh environments and run from a folder with names of ours
	$(PYTEST) tests/install

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready-dev  ## mypy; `make types ROOM=db` shows one room
	$(BIN)/python tests/typecheck.py $(ROOM)

docs: .venv/ready-docs  ## the documentation, as build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

bench: .venv/ready-dev  ## every number of docs/explain/measured.md; `make bench BENCH=--quick` those of an hour
	$(BIN)/python -m benchmarks $(BENCH)

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/ready: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

.venv/ready-docs: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	@touch $@

clean:
	rm -rf .venv build *.egg-info
