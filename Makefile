# `make maps` is the road; the rest is for work on it. All that is installed goes into .venv.

TERRITORY ?= layers/bethune-bruay
BIN := .venv/bin
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
ASSETS := gis/maps/assets
JOBS ?= auto
SEED ?= 1
INPUTS := pyproject.toml hatch_build.py .ci/setup $(ASSETS)/package-lock.json $(ASSETS)/build.mjs \
          $(shell find $(ASSETS)/src $(ASSETS)/css -type f)
COMPILE := pip compile -q --universal --fork-strategy fewest --python-version 3.11 \
           --generate-hashes --no-emit-index-url --upgrade --custom-compile-command "make lock" pyproject.toml

.PHONY: help maps demo test quick fuzz lint check test-lowest test-newest browser lock clean servers

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

maps: .venv/.run ## the pages and layers of TERRITORY (layers/bethune-bruay)
	@$(BIN)/gis outlines $(TERRITORY) || true # it has said why; the pages do without
	@$(BIN)/gis build $(TERRITORY)

demo: .venv/.run ## the pages and layers of the fictional territory
	@$(BIN)/gis build layers/demo

test: browser servers .venv/.dev tests/web/node_modules/.package-lock.json ## all tests (ARGS="-k wheel" for some)
	$(BIN)/pytest -n $(JOBS) --dist loadfile $(ARGS)

quick: .venv/.dev ## the tests of the inner loop, in two minutes: no browser, no server, few examples
	EMPRISE_EXAMPLES=quick $(BIN)/pytest -n $(JOBS) --dist loadfile -m "not browser and not slow" $(ARGS)

fuzz: servers .venv/.dev ## the long runs: every kill, races, thousands of spoilt files and answers (SEED=n for others)
	EMPRISE_FUZZ=long EMPRISE_SEED=$(SEED) $(BIN)/pytest -s tests/writing tests/fuzz tests/servers/test_malformed.py
	$(BIN)/python -m tests.fuzz.count --files 20000 --seed $(SEED)
	$(BIN)/python -m pip install -q --disable-pip-version-check atheris # led by what the code does; a minute a kind
	$(BIN)/python -m tests.fuzz.endless all -max_total_time=60

lint: .venv/.dev tests/web/node_modules/.package-lock.json ## ruff, mypy, import-linter, notebooks without outputs; prettier, eslint, tsc
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.scripts
	$(if $(wildcard notebooks/*.ipynb),$(BIN)/nbstripout --verify notebooks/*.ipynb)

check: lint test ## lint, then test

test-lowest: browser servers tests/web/node_modules/.package-lock.json $(UV) ## the tests with the oldest dependencies allowed
	$(UV) venv -q --clear --python 3.11 .venv-lowest
	$(UV) pip install -q --python .venv-lowest/bin/python --resolution lowest-direct --group test -e .
	.venv-lowest/bin/pytest $(ARGS)

test-newest: browser servers tests/web/node_modules/.package-lock.json $(UV) ## the tests with the newest dependencies there are
	$(UV) venv -q --clear .venv-newest
	$(UV) pip install -q --python .venv-newest/bin/python --upgrade --group test -e .
	.venv-newest/bin/pytest $(ARGS)

lock: $(UV) ## the lock files anew (needs npm)
	$(UV) $(COMPILE) --group dev -o requirements-dev.txt
	$(UV) $(COMPILE) -c requirements-dev.txt -o requirements.txt
	cd $(ASSETS) && rm -f package-lock.json && npm install --package-lock-only --ignore-scripts \
	    --no-audit --no-fund --omit-lockfile-registry-resolved
	cd tests/web && rm -f package-lock.json && npm install --package-lock-only --ignore-scripts \
	    --no-audit --no-fund --omit-lockfile-registry-resolved
	@! grep -nE '://|find-links|index-url' requirements*.txt
	@! grep -n '"resolved"' $(ASSETS)/package-lock.json tests/web/package-lock.json

clean: ## away with all that was made
	rm -rf .venv .venv-lowest .venv-newest build dist $(ASSETS)/dist $(ASSETS)/node_modules tests/web/node_modules
	rm -rf maps/*/ layers/*.gpkg layers/*.figures.json
	rm -rf __pycache__ .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find gis tests -name __pycache__ -type d -prune -exec rm -rf {} +

browser servers:
	@.ci/setup $@

tests/web/node_modules/.package-lock.json: tests/web/package-lock.json .venv/.dev
	@.ci/setup web
	@touch $@

.venv/.run: requirements.txt $(INPUTS)
	@.ci/setup requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt $(INPUTS)
	@.ci/setup requirements-dev.txt
	@touch $@ .venv/.run

.venv/bin/uv: .venv/.dev
	$(BIN)/python -m pip install -q uv
	@touch $@
