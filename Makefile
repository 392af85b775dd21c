# The two commands: `make book` and `make test`. Both set up what they need in .venv.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# on all cores; what stays together on one is said in tests/conftest.py
PARALLEL := $(RUN) -m pytest -n auto
# Exact versions where this Python's were recorded, else the ranges of pyproject.toml.
CONSTRAINTS := $(wildcard constraints-py$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])').txt)
# One BLAS thread: on shared cores a second one can make a matrix product hundreds of times slower.
export OPENBLAS_NUM_THREADS = 1
export OMP_NUM_THREADS = 1
export MKL_NUM_THREADS = 1

.PHONY: book serve test test-all test-fast test-processors test-versions equality notebooks lint clean

book: $(VENV)/ready
	$(RUN) book/_ext/build_book.py

serve: $(VENV)/ready
	@test -f _build/site/index.html || $(MAKE) book
	@echo "http://localhost:8000/ (Ctrl-C stops)"
	@$(RUN) -m http.server 8000 --bind 127.0.0.1 --directory _build/site

test: $(VENV)/ready lint book
	$(PARALLEL) -m "not slow" $(PYTEST_OPTIONS)

# what is left: every notebook solved and blank, every claim of a page held to a run of it
test-all: test
	$(PARALLEL) -m slow $(PYTEST_OPTIONS)

# while writing: no browser, no built site, nothing slow
test-fast: $(VENV)/ready
	$(RUN) -m pytest -m "not slow and not browser and not site" $(PYTEST_OPTIONS)

# as three kinds of processor round, with one and two threads: no test, no claim of a page may hang
# on the last bits (an hour or two; arguments for pytest in PYTEST_OPTIONS)
test-processors: $(VENV)/ready
	$(RUN) tests/processors.py -q -n auto -m "not browser and not site" $(PYTEST_OPTIONS)

# the fast tests on the oldest Paddle of pyproject.toml's range and on the newest there is
test-versions: $(VENV)/ready
	.ci/versions $(PYTEST_OPTIONS)

# how far everything built by hand is from Paddle's own: prints a table and records it for the book
equality: $(VENV)/ready
	$(RUN) -m pytest -q tests --ignore tests/test_equality.py -k "equal and paddle" \
	  -m "not site and not browser" --equality-table

lint: $(VENV)/ready
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

notebooks: $(VENV)/ready
	$(RUN) book/_ext/notebooks.py $(NOTEBOOK_OPTIONS)

$(VENV)/ready: pyproject.toml requirements.txt $(CONSTRAINTS)
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip
	# a Paddle that is there, such as a GPU build, stays; without one the CPU build is installed
	$(RUN) -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("paddle"))' \
	  || $(RUN) -m pip install --quiet -e ".[paddle]" $(if $(CONSTRAINTS),-c $(CONSTRAINTS))
	$(RUN) -m pip install --quiet -e ".[book,test]" $(if $(CONSTRAINTS),-c $(CONSTRAINTS))
	touch $@

clean:
	rm -rf _build
