# Two commands: `make run` starts Fengsui with the sample city, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= var
PORT ?= 8460
PYTEST_FLAGS ?=
# Tests wait for processes more than they compute; each file stays with one of them, for what its tests share.
TEST_PROCESSES ?= 3

.PHONY: run test tests test-services test-elasticsearch test-other-servers setup setup-dev check lint types imports lock clean

run: setup
	$(BIN)/fengsui up --demo --data-dir $(DATA) --port $(PORT)

# Types are checked beside the tests, which don't use every core. The tests start the program again and again: what Python
# has compiled is kept. Files stay in their order: xdist's puts those of a single long test last, when cores stand idle.
test: export PYTHONDONTWRITEBYTECODE =
test: setup-dev
	$(MAKE) --no-print-directory --jobs 2 check tests

tests: setup-dev
	$(BIN)/pytest -m "not services" -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(PYTEST_FLAGS)

# Starts real Elasticsearch, Kafka, MariaDB and PostgreSQL servers; what a machine lacks for them is told. The tests of
# Elasticsearch wait more than they compute: the others run beside them.
test-services: setup-dev
	$(MAKE) --no-print-directory --jobs 2 test-elasticsearch test-other-servers

test-elasticsearch: setup-dev
	$(BIN)/pytest -m "services and elasticsearch" $(PYTEST_FLAGS)

test-other-servers: setup-dev
	$(BIN)/pytest -m "services and not elasticsearch" $(PYTEST_FLAGS)

setup: $(VENV)/.runtime

setup-dev: $(VENV)/.development

$(VENV)/.runtime: requirements.lock pyproject.toml
	sh deploy/prepare-machine.sh $(PYTHON) $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.development: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

check: lint types imports

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

imports: setup-dev
	$(BIN)/lint-imports

# Needs uv; resolves for every supported Python and platform.
lock:
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml deploy/build-requirements.in -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml deploy/build-requirements.in --extra tracing -c requirements.lock -o requirements-tracing.lock
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml deploy/build-requirements.in --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
