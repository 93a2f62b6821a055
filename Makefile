# One verb each. Everything runs in .venv, made on first use from pinned packages.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint types tests bench locales clean

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
	$(BIN)/python -m pytest -n auto --dist worksteal

bench: .venv/ready-for-tests ## how fast it is, as ratios
	$(BIN)/python -m tests.bench

locales: .venv/ready ## bring the catalogs up to date with the code, for translators to fill
	$(BIN)/pybabel extract --keywords _ --keywords ngettext:1,2 --keywords saying --no-location --sort-output --omit-header --output locales/bot.pot handlers knowledge
	for language in id en; do $(BIN)/pybabel update --no-fuzzy-matching --ignore-obsolete --width 118 \
		--domain bot --input-file locales/bot.pot --output-dir locales --locale $$language; done
	rm locales/bot.pot

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
