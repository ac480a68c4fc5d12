# Each target is a line or two of shell, so that nothing needs make: read it and type it.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name))))
BIN := .venv/bin

.PHONY: help demo test lab teach release weights bench clean

help:
	@echo "make demo      paint a picture, grade a full and a blank submission"
	@echo "make test      lint and run all tests"
	@echo "make lab       open the course in JupyterLab"
	@echo "make teach     the same with the instructor's tools"
	@echo "make release   write notebooks/ from answers/"
	@echo "make weights   fetch the full VGG-19"
	@echo "make bench     run the measurements in bench/"
	@echo "make clean     remove .venv and caches; your pictures, weights and grades stay"

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "The course needs Python 3.11, 3.12 or 3.13, and found $$($(PYTHON) --version): install one, or say make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv (once, a few minutes) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: .venv/ready
	@$(BIN)/nst demo

test: .venv/ready
	@$(BIN)/ruff check
	@$(BIN)/python -m pytest

lab: .venv/ready
	@$(BIN)/nst lab

teach: .venv/ready
	@$(BIN)/nst teach

release: .venv/ready
	@$(BIN)/nst release

weights: .venv/ready
	@$(BIN)/nst weights

bench: .venv/ready
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
