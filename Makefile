# Every task of the project; `make` alone prints this list.

PYTHON ?= python3
ENVIRONMENT := .venv
IN := $(ENVIRONMENT)/bin
INSTALLED := $(ENVIRONMENT)/.installed
CODE := $(wildcard bench detectors streams tests examples tools)
PYTEST_ARGUMENTS ?=
BENCHMARKS ?=
ENGINES ?=
MEASURES ?=
WORLDS ?=
SEED ?= 1
MINUTES ?= 20
LOCK = $(IN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Use

.PHONY: help
help: ## Print this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## Build the virtual environment .venv with the locked packages

.PHONY: demo
demo: $(INSTALLED) ## A simulated year on an embedded broker, alerts shown live
	@$(IN)/aboveboard demo

##@ Check

.PHONY: check
check: static test ## Everything a change must pass: format, lint, types, imports, tests

.PHONY: static
static: layout lint types imports ## All of check except the tests

.PHONY: layout
layout: $(INSTALLED) ## Is the code formatted?
	$(IN)/ruff format --check $(CODE)

.PHONY: lint
lint: $(INSTALLED) ## Ruff, all rules but the reasoned exceptions
	$(IN)/ruff check $(CODE)

.PHONY: types
types: $(INSTALLED) ## mypy --strict over code and tests
	$(IN)/mypy $(CODE)

.PHONY: imports
imports: $(INSTALLED) ## The import rules between and inside the packages
	$(IN)/lint-imports

.PHONY: test
test: $(INSTALLED) ## Tests; choose some with PYTEST_ARGUMENTS="-k ledger"
	$(IN)/pytest $(PYTEST_ARGUMENTS)

.PHONY: coverage
coverage: $(INSTALLED) ## Tests, and the lines and branches they never reach
	$(IN)/pytest --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGUMENTS)

.PHONY: bench
bench: $(INSTALLED) ## Speed and memory, and the law of replay on a million events; choose with BENCHMARKS="detect"
	$(IN)/python -m bench.speed $(BENCHMARKS)

.PHONY: bench-engines
bench-engines: .venv-engines/.installed ## The worker beside other engines, into docs/engines.md; choose with ENGINES="bytewax" MEASURES="latency"
	.venv-engines/bin/python -m bench.engines \
		$(if $(ENGINES),--engines $(ENGINES)) $(if $(MEASURES),--measures $(MEASURES))

.PHONY: yardstick
yardstick: $(INSTALLED) ## Simulated sales forces into docs/yardstick.md, in minutes; choose with WORLDS="season"
	$(IN)/python -m bench.yardstick $(WORLDS)

.PHONY: chaos
chaos: $(INSTALLED) ## Workers under kills, freezes, full disks and a broken broker, in minutes; SEED=2 for another run
	$(IN)/python -m tests.chaos --seed $(SEED)

.PHONY: soak
soak: $(INSTALLED) ## Twenty minutes at full load with a million open accounts; MINUTES=5 for fewer
	$(IN)/python -m bench.soak --minutes $(MINUTES)

##@ Maintain

.PHONY: format
format: $(INSTALLED) ## Format the code and repair what ruff can repair
	$(IN)/ruff check --fix-only $(CODE)
	$(IN)/ruff format $(CODE)

.PHONY: lock
lock: $(INSTALLED) ## Bring the lock files up to date with pyproject.toml and the registry
	$(LOCK) --all-extras --upgrade --output-file requirements.lock
	$(LOCK) --extra rocksdb --constraint requirements.lock --output-file deploy/requirements.lock
	$(LOCK) bench/engines/requirements.in --constraint requirements.lock \
		--output-file bench/engines/requirements.lock

.PHONY: clean
clean: ## Remove the environment and everything that was generated
	rm -rf $(ENVIRONMENT) .venv-engines build dist *.egg-info .coverage .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

$(IN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(ENVIRONMENT)

$(INSTALLED): requirements.lock pyproject.toml | $(IN)/python
	@echo "Installing the locked packages into $(ENVIRONMENT)"
	@$(IN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --requirement requirements.lock
	@$(IN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $@

# The other engines have an environment of their own: nothing of ours may lean on what they bring.
.venv-engines/.installed: bench/engines/requirements.lock pyproject.toml
	@echo "Installing the engines to compare with into .venv-engines"
	@test -x .venv-engines/bin/python || $(PYTHON) -m venv .venv-engines
	@.venv-engines/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --requirement bench/engines/requirements.lock
	@.venv-engines/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $@
