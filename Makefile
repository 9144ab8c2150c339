# `make help` lists what there is. PYTHON=/path/to/python3 chooses the interpreter;
# ARGS="..." is handed to pytest, the verification and the benchmarks.

BIN := .venv/bin
BENCH := natural_history forecast web
PIP_TOOLS := 7.6.2
COMPILE := pip-compile --quiet --upgrade --generate-hashes --strip-extras \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
    --build-deps-for editable --allow-unsafe --extra all
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo test lint verify bench calibrate docs screenshots lock clean setup setup-dev

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

demo: setup  ## set up, forecast an example patient, simulate a small cohort into build/demo
	$(BIN)/mesospread forecast examples/pleural_epithelioid_stage3.toml
	@rm -rf build/demo
	$(BIN)/mesospread simulate --primary pleural --n 10000 --seed 7 --out build/demo

test: lint  ## set up, then run all checks and tests
	@$(BIN)/python -m pytest $(ARGS)

lint: setup-dev  ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports

verify: setup-dev  ## the longer verification of the engine
	$(BIN)/python -m verification $(ARGS)

bench: setup-dev  ## the benchmarks, with their goals; BENCH=forecast runs that one alone
	@set -e; for name in $(BENCH); do $(BIN)/python -m benchmarks.$$name $(ARGS); done

calibrate: setup-dev  ## fit the pleural model anew (about an hour) into build/
	@mkdir -p build
	$(BIN)/mesospread calibrate --out build/pleural_posterior.npz $(ARGS)

docs: setup-dev  ## make reference pages, pictures and example outputs anew
	$(BIN)/python tools/make_reference.py
	$(BIN)/python tools/make_pictures.py
	$(BIN)/python tools/run_docs.py --update

screenshots: setup-dev  ## take the pictures of the pages anew (needs chromium)
	$(BIN)/python tools/make_screenshots.py

lock:  ## choose new versions of all packages and pin them, with hashes
	$(or $(PYTHON),python3) -m venv build/lock
	build/lock/bin/pip install --quiet pip-tools==$(PIP_TOOLS)
	CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/$(COMPILE) \
	    --output-file requirements/run.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/$(COMPILE) --extra dev \
	    --constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml

clean:  ## remove everything that was set up or built
	rm -rf .venv build dist

setup:
	@tools/environment.sh run

setup-dev:
	@tools/environment.sh dev
