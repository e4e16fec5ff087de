# make chat     install, read the articles, open the chat page   (ARTICLES=folder for your own)
# make test     install with the test tools, then lint, types, import rules, tests
# make install  the environment alone

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARTICLES ?= ingest/samples
LIBRARY ?= .libraries/$(if $(filter ingest/samples,$(ARTICLES)),samples,articles)
PORT ?= 7860
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := pyproject.toml .ci/constraints.txt vectorstore/tiktoken_ext/yinju_zh.py

.PHONY: chat test install lint types imports unit browser clean

install: $(VENV)/.installed

chat: install
	$(BIN)/yinju ingest $(ARTICLES) --library $(LIBRARY)
	$(BIN)/yinju chat --library $(LIBRARY) --port $(PORT)

test: lint types imports unit browser

lint: $(VENV)/.testable
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.testable
	$(BIN)/mypy

imports: $(VENV)/.testable
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/.testable
	$(BIN)/python -m pytest -m "not browser" -n 3 --durations=5

browser: $(VENV)/.testable
	$(BIN)/python -m pytest -m browser --durations=3 -rs

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint .ci/constraints.txt --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python $(SOURCES)
	$(PIP) install --quiet --constraint .ci/constraints.txt --editable .
	touch $@

$(VENV)/.testable: $(VENV)/bin/python $(SOURCES)
	$(PIP) install --quiet --constraint .ci/constraints.txt --editable '.[test]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .libraries .mypy_cache .ruff_cache .pytest_cache .hypothesis
