# A habit's front door on Linux and macOS: dev.py does the work, also on Windows (py dev.py test).
PYTHON ?= python3

.PHONY: help setup demo test lint bench
help:
	@$(PYTHON) dev.py help
setup demo test lint bench:
	@$(PYTHON) dev.py $@
