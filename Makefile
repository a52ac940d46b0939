.DEFAULT_GOAL := help
PY := .venv/bin/python
STAMP := .venv/.constraints
CITY ?= demo-city

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 16

setup: $(STAMP) ## the virtual environment and what Debian must add
	@sh deploy/debian.sh

$(STAMP): constraints.txt pyproject.toml
	@test -x $(PY) || python3 -m venv .venv
	@.venv/bin/pip install -q --no-deps --require-hashes -r constraints.txt
	@.venv/bin/pip install -q --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup ## a made-up city from raw files to a pool, and its report
	@.venv/bin/guantong demo $(CITY)

check: setup ## formatting, lint, types, room directions, generated pages
	@.venv/bin/ruff format --check -q . || { echo "Run: make format"; exit 1; }
	@.venv/bin/ruff check -q .
	@.venv/bin/mypy
	@.venv/bin/lint-imports >/dev/null || .venv/bin/lint-imports
	@$(PY) docs/generate.py --check

format: setup ## format the code
	@.venv/bin/ruff format -q . && .venv/bin/ruff check -q --fix .

test: setup ## every test; GUANTONG_SAMPLES names a folder with real samples
	@$(PY) -m pytest -n 2 --dist loadfile

torture: setup ## the long runs: many kills, many examples
	@GUANTONG_KILLS=200 GUANTONG_LISTEN_SECONDS=600 HYPOTHESIS_PROFILE=long $(PY) -m pytest -n 2 tests/federation tests/journeys tests/connectors

fuzz: setup ## every parser against bytes it never saw, FUZZ_SECONDS (60) each; what breaks is kept in build/fuzz
	@$(PY) -m tests.fuzz

bench: setup ## speed and memory beside the peers, in one run; writes docs/benchmarks.md
	@$(PY) -m tests.bench

evidence: setup ## what the score finds of known errors, whom linkage finds; writes docs/*-evidence.md
	@$(PY) -m tests.evidence

docs: setup ## rewrite the generated pages
	@$(PY) docs/generate.py

constraints: ## pin everything again, with hashes and without addresses
	@.venv/bin/uv pip compile -q --no-emit-index-url --no-annotate --generate-hashes --extra dev --extra bench --extra databases --extra linkage \
	  --no-header pyproject.toml -o constraints.txt

clean: ## what the demo and the tests leave behind
	@rm -rf $(CITY) build/fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help setup demo check format test torture fuzz bench evidence docs constraints clean
