# Two commands are the whole set-up: `make run` and `make test`. Everything else is a part of them.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/run-ready
TEST_READY := $(VENV)/test-ready
TELEMELYA := .venv-telemelya
TELEMELYA_READY := $(TELEMELYA)/ready
BENCH := .venv-bench
BENCH_READY := $(BENCH)/ready
TRANSCRIPTS := $(wildcard tests/transcripts/*.yaml)

.PHONY: run test lint types unit transcripts browser telemelya wecom-peer pictures clean conformance \
	bench bench-rules bench-questions bench-answer bench-delivery bench-bad-input bench-deadlines bench-understanding

run: $(RUN_READY)
	@$(BIN)/zhituo serve

test: $(TEST_READY) $(TELEMELYA_READY) wecom-peer lint types unit browser transcripts

lint: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(TEST_READY)
	$(BIN)/mypy

unit: $(TEST_READY)
	$(BIN)/pytest -q -n 2 -m "not browser"

browser: $(TEST_READY)
	@sh scripts/chromium.sh
	$(BIN)/pytest -q -n 2 -m browser

transcripts: $(TEST_READY)
	$(BIN)/zhituo transcript run --coverage $(TRANSCRIPTS)
	$(BIN)/zhituo knowledge check

# Tries every case of other people's suites that lies beside the project, and writes docs/conformance.md.
conformance: $(TEST_READY)
	PYTHONPATH=. $(BIN)/python -m tests.conformance.report

$(VENV)/bin/python:
	@sh scripts/venv.sh $(PYTHON) $(VENV)

$(RUN_READY): $(VENV)/bin/python requirements/run.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_READY): $(RUN_READY) requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

# An independent Telegram server for one test. Its pins conflict with ours, so it lives in an environment of its own.
telemelya: $(TELEMELYA_READY)

$(TELEMELYA_READY): requirements/telemelya.txt
	@sh scripts/venv.sh $(PYTHON) $(TELEMELYA)
	$(TELEMELYA)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/telemelya.txt
	@touch $@

# npm's client for WeCom's encryption, an independent peer for one test; without Node that test is skipped.
wecom-peer:
	@if command -v npm >/dev/null 2>&1 && [ ! -e .node/node_modules ]; then \
		npm install --prefix .node --no-audit --no-fund --no-save --silent @wecom/crypto@1.0.1; fi

# Lists the benchmarks; each is a target of its own and no part of `make test`.
bench:
	@sed -n 's/^| `\(make[^`]*\)` | [^|]* | \([^|]*\) | \([^|]*\) |$$/\1\n    \2\n    aim: \3/p' benchmarks/README.md

bench-rules: $(BENCH_READY)
	PYTHONPATH=. $(BENCH)/bin/python benchmarks/rule_engines.py

bench-questions bench-answer bench-deadlines: bench-%: $(RUN_READY)
	PYTHONPATH=. $(BIN)/python benchmarks/$*.py

bench-delivery: $(TEST_READY)
	PYTHONPATH=. $(BIN)/python benchmarks/delivery.py

bench-bad-input: $(TEST_READY)
	PYTHONPATH=. $(BIN)/python benchmarks/bad_input.py

bench-understanding: $(RUN_READY)
	@test -n "$(MESSAGES)" || { echo "say which labelled messages: make bench-understanding MESSAGES=file.csv"; exit 1; }
	PYTHONPATH=. $(BIN)/python benchmarks/understanding.py "$(MESSAGES)"

# Other rule engines to compare with: their pins are not ours.
$(BENCH_READY): requirements/bench.txt
	@sh scripts/venv.sh $(PYTHON) $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

clean:
	rm -rf $(VENV) $(TELEMELYA) $(BENCH) *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# The pictures of the README, taken anew.
pictures: $(TEST_READY)
	$(BIN)/python scripts/pictures.py
