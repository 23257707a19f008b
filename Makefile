# Everything runs in .venv, which the first target makes; nothing else has to be installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: demo test test-slow test-servers lint format bench fuzz lock clean

$(VENV)/.ready: setup.cfg pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("auditor needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

demo: $(VENV)/.ready  ## audit a sample bucket behind a local S3 server, on two nights
	$(BIN)/python -m tests.world.demo

test: $(VENV)/.ready  ## the tests that need nothing but Python
	$(BIN)/python -m pytest --quiet --numprocesses $(WORKERS)

test-slow: $(VENV)/.ready  ## what takes minutes, such as the long simulation of races; properties with all their examples
	AUDITOR_THOROUGH=1 $(BIN)/python -m pytest --quiet --numprocesses $(WORKERS) \
		-m "(slow or hypothesis) and not server and not browser"

test-servers: $(VENV)/.ready  ## the tests that need real servers (S3, rqlite, PostgreSQL, MariaDB) and a browser
	$(BIN)/python -m pytest -m "server or browser" -rs

lint: $(VENV)/.ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.ready  ## every benchmark, with the sizes of its documentation
	for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file || echo "$$file: below its bar"; done

FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.ready  ## our own parsers on whatever a fuzzer comes up with
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[fuzz]"
	for target in document keys redis sqlite archive words images media; do $(BIN)/python -m tests.fuzz $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; done

lock: $(VENV)/.ready  ## pin every dependency, with hashes, for all supported versions of Python
	$(BIN)/uv pip compile setup.cfg --extra test --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) build demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
