# Two commands do everything on a fresh machine with Python 3.11+ and make:
#   make demo   environment, install (light core only), two audits of sample_data, a report at the end
#   make test   environment, install (every extra the tests exercise), the whole suite
PYTHON ?= python3
DEMO := .venv/demo
TEST := .venv/test
OUT  ?= reports
# reading, attacking, judging, writing: what a change of a library would break
LOWEST_TESTS ?= tests/data tests/test_cli.py tests/test_corridor.py tests/test_verdict.py tests/test_policy.py \
  tests/stats/test_stats_auc.py tests/neighbors/test_neighbors_exact.py \
  tests/hostile/test_hostile_audit.py tests/generators/test_generators_command.py

.PHONY: help demo test lowest newest lint format types schema sdv1-test clean

help:            ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: $(DEMO)/ready  ## audit the two synthetic tables in sample_data and name the reports
	@sh sample_data/demo.sh $(DEMO)/bin/synthaudit $(OUT)

test: $(TEST)/ready .venv/mostlyai/ready sdv1-test  ## the whole test suite
	$(TEST)/bin/python -m pytest -n auto $(PYTEST_ARGS)

# SDV 1.x and 2.x have different interfaces and cannot share an environment
sdv1-test: .venv/sdv1/ready
	.venv/sdv1/bin/python -m pytest -q -m sdv tests/generators tests/integrations

lowest: .venv/lowest/ready  ## a quick part of the suite on the oldest supported dependencies
	.venv/lowest/bin/python -m pytest -q $(LOWEST_TESTS)

newest: .venv/newest/ready  ## the same on the newest (pandas 3), without the sdv extra
	.venv/newest/bin/python -m pytest -q $(LOWEST_TESTS)

lint: $(TEST)/ready  ## ruff: rules and formatting
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .

format: $(TEST)/ready  ## ruff: fix what can be fixed
	$(TEST)/bin/ruff check --fix .
	$(TEST)/bin/ruff format .

types: $(TEST)/ready  ## mypy, strict
	$(TEST)/bin/mypy

clean:           ## remove environments and caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache

.venv/python-is-new-enough:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "synthaudit needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..."; exit 1; }
	@mkdir -p .venv && touch $@

$(DEMO)/ready: pyproject.toml .venv/python-is-new-enough
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(TEST)/ready: pyproject.toml .venv/python-is-new-enough
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,sdv,dask,serve]'
	@touch $@

# only its code is wanted: what it asks for would bring another torch, without a use here
.venv/mostlyai/ready: $(TEST)/ready
	$(TEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .venv/mostlyai 'mostlyai-qa==1.10.*'
	@touch $@

.venv/sdv1/ready: pyproject.toml .venv/python-is-new-enough
	$(PYTHON) -m venv .venv/sdv1
	.venv/sdv1/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[sdv]' 'sdv==1.38.*' 'pytest>=8' 'hypothesis>=6.100'
	@touch $@

.venv/lowest/ready: pyproject.toml constraints-lowest.txt .venv/python-is-new-enough
	$(PYTHON) -m venv .venv/lowest
	.venv/lowest/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-lowest.txt --editable . pytest hypothesis
	@touch $@

.venv/newest/ready: pyproject.toml .venv/python-is-new-enough
	$(PYTHON) -m venv .venv/newest
	.venv/newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --editable . pytest hypothesis 'pandas>=3'
	@touch $@
