# Two commands to begin with: `make run` and `make test`. Each target is thin; the work is in the project itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FILE ?= tests/relevance/questions.json

.PHONY: run test check format bill bench relevance crash migration messages vendor clean help

help:  ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/run.stamp: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.txt requirements-meaning.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/run.stamp  ## demo community on http://127.0.0.1:8000
	@DEVELOPMENT=1 $(BIN)/community migrate
	@DEVELOPMENT=1 $(BIN)/community demo --if-empty
	@DEVELOPMENT=1 $(BIN)/community serve

test: check  ## everything: check, then all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/test.stamp  ## lint, format, types, import contracts, migration drift, vendored files, rules of our own
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python bin/check_migrations.py
	$(BIN)/python bin/vendor.py --check
	$(BIN)/python -m pytest -q -n 0 -p no:cacheprovider tests/test_house_rules.py

format: $(VENV)/test.stamp  ## put the code into its usual form
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(VENV)/test.stamp  ## how fast, beside a yardstick in the same run (builds its data once)
	$(BIN)/python -m bench

relevance: $(VENV)/run.stamp  ## how well questions are found: make relevance FILE=set.json (or a dump's folder)
	@$(BIN)/community relevance $(FILE)

crash: $(VENV)/test.stamp  ## kill web and worker under load, long
	CRASH_KILLS=200 $(BIN)/python -m pytest tests/crash -q -n 0

migration: $(VENV)/test.stamp  ## write a migration for changed models: make migration NAME=add_ranks
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python bin/make_migration.py $(NAME)

messages: $(VENV)/test.stamp  ## bring the catalogues of all languages up to date with the texts in code and templates
	$(BIN)/python bin/update_messages.py

bill: $(VENV)/test.stamp  ## the bill of materials of a release: dist/kundenkreis-<version>.cdx.json (CycloneDX)
	@$(BIN)/python bin/bill_of_materials.py

vendor: $(VENV)/test.stamp  ## fetch the vendored front-end files anew (maintainers; needs npm)
	$(BIN)/python bin/vendor.py

clean:  ## throw away environment and local data
	rm -rf $(VENV) var
