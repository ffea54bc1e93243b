# `make help` lists what can be made. Every target sets up what it needs, once;
# nothing is installed outside this directory (but `make test` may ask apt).

PYTHON ?= python3
ARGS ?=
ONLY ?=
N ?= 50
ONCE ?=
JOBS ?= 1

# A machine without a home directory still has a place for pip's cache.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.cache/home
endif
# Local settings of a shell must not leak into our environments.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

BIN := .venv/bin
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
# Two environments are made in the time of one.
TOGETHER := $(MAKE) --no-print-directory -j2
SOURCES := $(shell find src scripts -type f -not -path '*/static/*' -not -path '*/static.part/*' \
    -not -name '*.pyc' 2>/dev/null) package.json package-lock.json .npmrc pyproject.toml

.PHONY: help demo dev assets test check format bench chaos docs shots wheel lock clean
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## a letter to 200 invented people, live; ONCE=1 ends when the run has
	@$(TOGETHER) .venv-demo/.stamp
	@.venv-demo/bin/postroad demo $(if $(ONCE),--once) $(ARGS)

dev: ## the environment for working on Postroad, in .venv
	@$(TOGETHER) .venv/.stamp assets

assets: .build-venv/.stamp ## the console's scripts and styles, bundled
	@.build-venv/bin/python scripts/build_assets.py

test: dev ## all tests, Chromium and Postfix among them; ARGS="-k name" for some, JOBS=2 side by side
	@scripts/need.sh chromium:chromium postfix:postfix rabbitmq-server:rabbitmq-server mariadbd:mariadb-server \
	    redis-server:redis-server ip:iproute2
	POSTROAD_REQUIRE=1 $(BIN)/python $(if $(filter 1,$(JOBS)),-m pytest,scripts/run_tests.py $(JOBS)) $(ARGS)

check: dev ## style, types, imports, sizes, and that what is generated is up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_sizes.py
	$(BIN)/python scripts/check_drift.py

format: .venv/.stamp ## mends what can be mended by machine
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

bench: dev ## the benchmarks; ONLY=name for one
	$(BIN)/python -m bench $(ONLY) $(ARGS)

chaos: dev ## N random schedules of faults on each engine, counted at the receiving server
	POSTROAD_REQUIRE=1 POSTROAD_CHAOS_RUNS=$(N) $(BIN)/python -m pytest tests/chaos -m chaos $(ARGS)

docs: dev ## writes the generated pages under docs/ anew
	$(BIN)/python scripts/check_drift.py --write

shots: dev ## pictures of every page, light and dark, wide and narrow, in docs/shots/out/
	@scripts/need.sh chromium:chromium
	$(BIN)/python -m tests.shots $(ARGS)

wheel: dist/.stamp ## the wheel, in dist/

lock: .venv/.stamp ## requirements/*.txt anew from requirements/*.in
	for name in build runtime dev; do \
	    $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	        --no-emit-index-url --no-emit-find-links --no-header \
	        requirements/$$name.in --output-file requirements/$$name.txt; \
	done

clean: ## removes what was made here, environments included
	rm -rf .venv .venv-demo .build-venv .cache .stamp-assets dist node_modules src/postroad/web/static
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.build-venv/.stamp: requirements/build.txt
	@scripts/check_python.sh $(PYTHON)
	@echo "Making the environment that builds (Node included) …"
	@$(PYTHON) -m venv .build-venv
	@.build-venv/bin/python $(PIP_INSTALL) requirements/build.txt
	@touch $@

.venv/.stamp: requirements/dev.txt pyproject.toml
	@scripts/check_python.sh $(PYTHON)
	@echo "Making the environment for development …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python $(PIP_INSTALL) requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    --no-build-isolation --editable .
	@touch $@

dist/.stamp: .build-venv/.stamp $(SOURCES)
	@echo "Building the wheel …"
	@rm -rf dist
	@.build-venv/bin/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	@touch $@

.venv-demo/.stamp-runtime: requirements/runtime.txt
	@scripts/check_python.sh $(PYTHON)
	@echo "Making the environment that Postroad runs in …"
	@$(PYTHON) -m venv .venv-demo
	@.venv-demo/bin/python $(PIP_INSTALL) requirements/runtime.txt
	@touch $@

.venv-demo/.stamp: .venv-demo/.stamp-runtime dist/.stamp
	@.venv-demo/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    --no-index --force-reinstall dist/postroad-*.whl
	@touch $@
