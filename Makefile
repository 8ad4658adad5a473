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
SEEDS ?= 200
MINUTES ?= 20
RECORDS ?= 10000000

# Everything is installed by the uv that uv.lock names; it fetches no Python of its own.
UV := .uv/uv
export UV_PYTHON_DOWNLOADS := never
# By its path, as uv passes over the python3 of an active virtual environment.
EXECUTABLE = "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
# The lock names the public index, whatever mirror somebody has told uv about.
LOCK := env -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS $(UV) lock
# $(call python_up_to,MINOR) refuses, before anything is fetched, a Python that is not there or not meant.
python_up_to = @$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $(1)))' || { echo \
	"Python 3.11 to 3.$(1) is needed, and $(PYTHON) is not; name one that is: make PYTHON=python3.12" >&2; exit 1; }

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
static: layout lint types imports locked ## All of check except the tests

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

.PHONY: locked
locked: $(UV) ## Does uv.lock fit pyproject.toml?
	@$(LOCK) --check --offline --quiet --python $(EXECUTABLE) \
		|| { echo "uv.lock does not fit pyproject.toml; bring it up to date: make lock" >&2; exit 1; }

.PHONY: test
test: $(INSTALLED) ## Tests; choose some with PYTEST_ARGUMENTS="-k ledger"
	$(IN)/pytest $(PYTEST_ARGUMENTS)

.PHONY: laws
laws: $(INSTALLED) ## The laws with thirty times as many examples, in hours; choose some with PYTEST_ARGUMENTS="-k partition"
	$(IN)/pytest --hypothesis-profile=thorough $(PYTEST_ARGUMENTS) tests/detectors tests/streams

.PHONY: coverage
coverage: $(INSTALLED) ## Tests, and the lines and branches they never reach
	$(IN)/pytest --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGUMENTS)

.PHONY: bench
bench: $(INSTALLED) ## Speed and memory, and the law of replay on a million events; choose with BENCHMARKS="detect"
	$(IN)/python -m bench.speed $(BENCHMARKS)

.PHONY: bench-engines
bench-engines: .venv-engines/java/.built ## The worker beside other engines, into docs/engines.md; choose with ENGINES="bytewax" MEASURES="latency"
	.venv-engines/bin/python -m bench.engines \
		$(if $(ENGINES),--engines $(ENGINES)) $(if $(MEASURES),--measures $(MEASURES))

.PHONY: yardstick
yardstick: $(INSTALLED) ## Simulated sales forces into docs/yardstick.md, in minutes; choose with WORLDS="season"
	$(IN)/python -m bench.yardstick $(WORLDS)

.PHONY: edges
edges: $(INSTALLED) ## Faults of sources, planted into honest worlds, into docs/edges.md, in half an hour; SEEDS=400 for more
	$(IN)/python -m bench.edges --seeds $(SEEDS)

.PHONY: chaos
chaos: $(INSTALLED) ## Workers, keepers of cases and notifiers under kills, freezes, full disks and a broken broker, in minutes; SEED=2 for another run
	$(IN)/python -m tests.chaos --seed $(SEED)

.PHONY: fuzz
fuzz: $(INSTALLED) ## Ten million odd records through every reader of bytes, in half an hour; RECORDS=100000 for fewer
	$(IN)/python -m tests.fuzz --records $(RECORDS) --seed $(SEED)

.PHONY: soak
soak: $(INSTALLED) ## Twenty minutes at full load with a million open accounts; MINUTES=5 for fewer
	$(IN)/python -m bench.soak --minutes $(MINUTES)

KEYCLOAK := keycloak-26.2.5
KEYCLOAK_SHA256 := 31c298273557bd53270905ae63c1522e319d2137ccce17318171864be496d699

.PHONY: test-keycloak
test-keycloak: $(INSTALLED) build/$(KEYCLOAK)/version.txt ## People log in to the desk at Keycloak, fetched by Maven: 150 MB, minutes
	ABOVEBOARD_KEYCLOAK=build/$(KEYCLOAK) $(IN)/pytest tests/keycloak/walk.py

build/$(KEYCLOAK)/version.txt:
	@mkdir -p build
	@mvn --batch-mode --quiet dependency:copy -Dmdep.overWriteReleases=true -DoutputDirectory=build \
		-Dartifact=org.keycloak:keycloak-quarkus-dist:$(subst keycloak-,,$(KEYCLOAK)):zip
	@echo "$(KEYCLOAK_SHA256)  build/keycloak-quarkus-dist-$(subst keycloak-,,$(KEYCLOAK)).zip" | sha256sum --check --quiet
	@$(PYTHON) -m zipfile -e build/keycloak-quarkus-dist-$(subst keycloak-,,$(KEYCLOAK)).zip build
	@touch $@

##@ Maintain

.PHONY: format
format: $(INSTALLED) ## Format the code and repair what ruff can repair
	$(IN)/ruff check --fix-only $(CODE)
	$(IN)/ruff format $(CODE)

YEAR := build/pictures/simulated
EXPLAIN := $(IN)/aboveboard explain 881d2776d87af616baa44e86 $(YEAR)/events.jsonl --plot docs/pictures/evidence

.PHONY: pictures
pictures: $(INSTALLED) ## Draw README's figures again
	$(IN)/aboveboard simulate --agents 200 --days 365 --seed 7 --sales-per-day 1.8 --out $(YEAR)
	$(EXPLAIN)-light.svg --theme light >/dev/null
	$(EXPLAIN)-dark.svg --theme dark >/dev/null

.PHONY: dashboards
dashboards: $(INSTALLED) ## Write the dashboards for Grafana and the rules of the mixin into deploy/
	$(IN)/python -m tools.dashboards deploy

.PHONY: contract
contract: $(INSTALLED) ## Write docs/asyncapi.json, and its examples from a simulated month, again
	$(IN)/python -m tests.contract.write_examples
	$(IN)/aboveboard schema --asyncapi > docs/asyncapi.json

.PHONY: patterns
patterns: $(INSTALLED) ## Write docs/patterns.md and examples/articles/ from the files of the patterns
	$(IN)/python -m tools.patterns

.PHONY: sbom
sbom: $(UV) ## Write the software bill of materials of what runs: dist/sbom.cdx.json (CycloneDX)
	@mkdir -p dist
	$(UV) export --quiet --frozen --no-dev --all-extras --format cyclonedx1.5 --preview-features sbom-export \
		--python $(EXECUTABLE) --output-file dist/sbom.cdx.json

.PHONY: pin-images
pin-images: ## Write the digests of the images of deploy/, asked of Docker: deploy/images.env
	$(PYTHON) tools/pin_images.py > deploy/images.env

.PHONY: lock
lock: $(UV) ## Bring uv.lock up to date with pyproject.toml and the registry
	$(LOCK) --upgrade --python $(EXECUTABLE)

.PHONY: clean
clean: ## Remove the environment and everything that was generated
	rm -rf $(ENVIRONMENT) .venv-engines .uv build dist *.egg-info .coverage .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV): uv.lock tools/install_uv.py
	$(call python_up_to,14)
	@$(PYTHON) tools/install_uv.py $(@D)

$(INSTALLED): uv.lock pyproject.toml $(UV)
	$(call python_up_to,14)
	@echo "Installing the locked packages into $(ENVIRONMENT)"
	@UV_PROJECT_ENVIRONMENT=$(ENVIRONMENT) $(UV) sync --quiet --frozen --python $(EXECUTABLE)
	@touch $@

# The engines in Java: what Maven compiles and copies goes beside what the other engines need.
.venv-engines/java/.built: .venv-engines/.installed bench/engines/java/pom.xml $(wildcard bench/engines/java/src/main/java/*/*.java)
	@echo "Compiling the engines in Java into .venv-engines/java"
	@rm -rf $(@D)
	@mvn --batch-mode --quiet --file bench/engines/java/pom.xml -Dout="$(CURDIR)/$(@D)" process-classes
	@touch $@

# The other engines have an environment of their own: nothing of ours may lean on what they bring.
.venv-engines/.installed: uv.lock pyproject.toml $(UV)
	$(call python_up_to,12)
	@echo "Installing the engines to compare with into .venv-engines"
	@UV_PROJECT_ENVIRONMENT=.venv-engines $(UV) sync --quiet --frozen --no-dev --group engines --python $(EXECUTABLE)
	@touch $@
