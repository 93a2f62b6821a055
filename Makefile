# One verb each. Everything runs in .venv, made on first use from pinned packages.

PYTHON ?= python3
BIN := .venv/bin
# Processes that test: half as many again as there are cores, as some of the tests wait for others.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 2) * 3 // 2)')
LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --generate-hashes --no-emit-package pip \
	--custom-compile-command "make lock" $(UPGRADE)

.PHONY: run test lint types tests bench locales docs lock audit image replay clean

run: .venv/ready ## start the bot; without TELEGRAM_TOKEN in the environment or in .env, the chat page on this computer
	@if [ -n "$$TELEGRAM_TOKEN" ] || grep -Eqs '^(export )?TELEGRAM_TOKEN=.' .env; then exec $(BIN)/python bot.py run; \
	else exec $(BIN)/python bot.py preview; fi

test: lint types tests ## everything that must hold before a change is shared

lint: .venv/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready-for-tests
	$(BIN)/mypy

tests: .venv/ready-for-tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

bench: .venv/ready-for-tests ## how fast it is, as ratios
	$(BIN)/python -m tests.bench

locales: .venv/ready ## bring the catalogs up to date with the code, for translators to fill
	$(BIN)/pybabel extract --keywords _ --keywords ngettext:1,2 --keywords saying --no-location --sort-output --omit-header --output locales/bot.pot handlers knowledge
	for language in id en; do $(BIN)/pybabel update --no-fuzzy-matching --ignore-obsolete --width 118 \
		--domain bot --input-file locales/bot.pot --output-dir locales --locale $$language; done
	rm locales/bot.pot

docs: .venv/ready-for-tests ## write the parts of the docs anew that are made from the code
	$(BIN)/python -m tests.pages

lock: .venv/ready-for-tools ## pin every package with its hashes, after pyproject.toml has changed; UPGRADE=--upgrade for newer ones
	$(LOCK) --output-file requirements.txt pyproject.toml
	$(LOCK) --output-file tests/requirements.txt --constraint requirements.txt --group tests pyproject.toml
	$(LOCK) --output-file tests/tools.txt --constraint tests/requirements.txt --group tools

audit: .venv/ready-for-tools ## ask the advisory database of PyPI about every pinned package; needs the network
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.txt
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r tests/requirements.txt
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r tests/tools.txt

image: ## build the container image
	docker build --pull --tag tanya .

replay: .venv/ready-for-tests ## follow the Dockerfile step by step and run what it makes, without a container engine (Linux, as root)
	$(BIN)/python -m tests.replay

clean: ## remove what was made; the databases in var/ stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} + -o -name 'bot.mo' -exec rm {} +

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=..., for example: make run PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/ready-for-tests: .venv/ready tests/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

.venv/ready-for-tools: .venv/ready tests/tools.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/tools.txt
	touch $@
