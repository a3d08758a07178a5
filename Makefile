# make demo   install into .venv, index the sample posts, answer one question
# make test   install and pass every test, linter and type check; what the machine lacks is skipped with a word
# make test-quick   the same without the tests that take more than 5 s each
# make test-failed   those tests again, by themselves, that failed in the last run
# make test-all-doors   the same as test, but where Chromium or Node is missing it fails
# make test-all   the same with every Python from 3.10 to 3.14 that this machine has
# make test-lowest   every test with the oldest versions of libraries that pyproject.toml allows
# make test-cluster   start three OpenSearch nodes (Java 17 or newer, Maven) and test an index in a cluster
# make bench   measure relevance and speed beside other search programs, and draw the results
# make soak   kill runs at random moments, and compare a year of runs with an index built afresh
# make docs   bring what is made from the code up to date, and build the site in build/docs
# make clean   remove what was made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := papersearch tests benchmarks docs

.PHONY: anew help demo test pytest test-failed test-quick test-all-doors test-cluster test-all test-lowest check-style types bench soak docs clean

help:
	@grep -E '^# make' Makefile | cut -c3-

# Compiling what is installed takes longer than to compile what is used, once, when it is.
unexport PYTHONDONTWRITEBYTECODE
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --upgrade
EXTRAS := browse,dev,mcp,meaning,opensearch,serve,watch
COMPILE = $(BIN)/python -m compileall -q "$$($(BIN)/python -c 'import os, papersearch; print(os.path.dirname(papersearch.__file__))')"
PACKAGE := pyproject.toml $(shell find papersearch -type f -not -name '*.pyc')
# What is installed no longer runs where the folder was moved or its Python is gone: it is installed anew.
ANEW := $(shell $(BIN)/papersearch --version > /dev/null 2>&1 || echo anew)
# One that was begun without Debian's python3-venv has no pip; of one whose Python is gone the links stand in the way.
ENVIRONMENT = $(BIN)/python -m pip --version > /dev/null 2>&1 || { \
  for link in $(BIN)/python*; do test -e $$link || rm -f $$link; done; \
  $(PYTHON) -m venv $(VENV); \
}

# Installed as users have it: compiled, without an editable install's detour through a finder.
$(VENV)/installed: $(PACKAGE) $(ANEW)
	@$(ENVIRONMENT)
	$(PIP) .
	$(COMPILE)
	touch $@

# npm may wait for an answer for as long as one lets it.
BOUNDED := import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], timeout=180).returncode)

# Whatever is installed is built anew each time: all of it at once, and what npm brings meanwhile.
$(VENV)/developing: $(PACKAGE) Makefile $(ANEW)
	@$(ENVIRONMENT)
	@if command -v npm > /dev/null; then \
	  $(BIN)/python -c '$(BOUNDED)' npm install --silent --no-fund --no-audit --fetch-retries 1 --prefix $(VENV)/npm \
	    axe-core@4 @modelcontextprotocol/inspector@2 > /dev/null 2>&1 || { \
	    rm -rf $(VENV)/npm; \
	    echo "make: npm could not install axe-core and the MCP inspector; their tests are skipped"; \
	  }; \
	fi & \
	$(PIP) '.[$(EXTRAS),llama]' || { \
	  echo "make: llama.cpp could not be installed; the test with a real model server is skipped"; \
	  $(PIP) '.[$(EXTRAS)]'; \
	}; code=$$?; wait; exit $$code
	$(COMPILE)
	touch $(VENV)/installed $@

demo: $(VENV)/installed
	$(BIN)/papersearch index corpus
	$(BIN)/papersearch query "mixture of experts" --limit 3

# Style and types are checked beside the tests. A worker takes tests that lie side by side, which share what is made for
# a module; there are two more than there are processors, as many tests wait for something.
test: $(VENV)/developing
	@$(MAKE) --no-print-directory -j 3 check-style types pytest

# The first time all is compiled that tests load, by one process: each worker would do so for itself, all at once.
$(VENV)/collected: | $(VENV)/developing
	$(BIN)/python -m pytest --collect-only --quiet > /dev/null 2>&1 || true
	touch $@

pytest: $(VENV)/developing $(VENV)/collected
	$(BIN)/python -m pytest -n auto --dist worksteal -rs

test-failed: $(VENV)/developing check-style types
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

test-quick: $(VENV)/developing check-style types
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

test-all-doors: export ALL_DOORS = 1
test-all-doors: test

# PAPERSEARCH_TEST_CLUSTER=host:port tests a cluster that is there already; it must not need a password.
test-cluster: $(VENV)/developing
	PAPERSEARCH_TEST_CLUSTER=$${PAPERSEARCH_TEST_CLUSTER:-nodes} $(BIN)/python -m pytest tests/cluster $(PYTEST)

check-style: $(VENV)/developing
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: $(VENV)/developing
	$(BIN)/python -m mypy

test-all:
	@for minor in 10 11 12 13 14; do \
	  python=$$(command -v python3.$$minor || ls -d $$HOME/.pyenv/versions/3.$$minor.*/bin/python 2>/dev/null | tail -n 1); \
	  if [ -n "$$python" ] && $$python -c 'import venv' 2>/dev/null; then \
	    echo "== $$python"; $(MAKE) test VENV=.venvs/3.$$minor PYTHON=$$python || exit 1; \
	  else echo "== python3.$$minor: not here"; fi; \
	done

# pip always takes the newest versions; uv can take the oldest.
test-lowest:
	test -x .venvs/lowest/bin/python || $(PYTHON) -m venv .venvs/lowest
	.venvs/lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venvs/lowest/bin/python -m uv pip install --quiet --python .venvs/lowest/bin/python --resolution lowest-direct '.[$(EXTRAS)]'
	.venvs/lowest/bin/python -m pytest -n auto --dist worksteal -rs

bench: $(VENV)/developing
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[bench]'
	$(BIN)/python -m benchmarks.relevance
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.floor
	$(BIN)/python -m benchmarks.plot

soak: $(VENV)/developing
	$(BIN)/python -m tests.soak

docs: $(VENV)/developing
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[docs]'
	$(BIN)/python -m docs.generate
	$(BIN)/python -m mkdocs build --quiet --strict --site-dir build/docs

clean:
	rm -rf $(VENV) .venvs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
