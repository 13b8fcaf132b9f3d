# Two commands do everything from a fresh clone: `make run` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
LOCKS := requirements/main.lock requirements/rasa.lock
STOCK := .venv-stock/bin/python
# The first Python 3.10 that runs and can make environments; looked for only where stock Rasa is wanted.
PYTHON310 ?= $(shell for python in python3.10 "$$HOME"/.pyenv/versions/3.10*/bin/python; do \
  "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null && \
  echo "$$python" && break; done)
# The newest Python, for the rooms that know no Rasa.
PYTHON_NEWEST ?= $(shell for python in python3.14 python3.13 "$$HOME"/.pyenv/versions/3.1[3-9]*/bin/python; do \
  "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 13))' 2>/dev/null && \
  command -v "$$python" && break; done)

AGAIN := nlu runtime actions backup production watching
NEWEST := knowledge privacy inquiries gateway console watching production

.PHONY: run test check-python lint unit test-again pictures test-stock evaluate benchmark supply test-newest lock clean

run: .venv/installed  ## environment, training when stale, all processes; prints where to open the chat
	@if [ -f .env ]; then set -a; . ./.env; set +a; fi; exec $(BIN)/smartcity run

test: lint unit  ## everything that CI checks

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/smartcity content check
	$(BIN)/smartcity rasa data validate --fail-on-warnings

unit: .venv/tested
	$(BIN)/smartcity train
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# Everything under both would take CI more than its 20 minutes: by hand it is `make test PYTHON=/path/to/python3.12`.
test-again: .venv/tested  ## what CI checks under a second Python: the rooms that know Rasa, and the whole assistant
	$(BIN)/smartcity train
	HYPOTHESIS_PROFILE=brief $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not system" \
	  $(addprefix tests/,$(AGAIN)) tests/test_*.py
	$(BIN)/pytest tests/gateway/test_system.py tests/docs/test_conversation.py

pictures: .venv/tested  ## every state of the chat and every page of the console, for looking at; writes results/
	$(BIN)/python -m tests.widget.pictures
	$(BIN)/python -m tests.console.pictures

check-python:
	@"$(PYTHON)" -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 13) else 1)' 2>/dev/null || \
	{ echo "Python 3.11 or 3.12 is needed and was not found. Install python3.11, or say where it is: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || \
	{ echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 1; }

.venv/installed: $(LOCKS) pyproject.toml | check-python
	"$(PYTHON)" -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/main.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --ignore-requires-python -r requirements/rasa.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: .venv/installed requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@touch $@

.venv-stock/installed: requirements/stock.lock
	@python="$(PYTHON310)"; "$${python:-python3.10}" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null || \
	{ echo "Stock Rasa needs Python 3.10, and none was found. Install python3.10, or say where it is: make $(MAKECMDGOALS) PYTHON310=/path/to/python3.10" >&2; exit 1; }
	"$(PYTHON310)" -m venv .venv-stock
	$(STOCK) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/stock.lock
	pwd > "$$($(STOCK) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/smartcity.pth"
	@touch $@

evaluate: .venv/tested .venv-stock/installed  ## understanding, beside Rasa's default pipeline; writes results/
	$(BIN)/python -m benchmarks.understanding $(OPTIONS)

benchmark: .venv/tested .venv-stock/installed  ## speed and memory, beside Rasa's default assistant; writes results/
	$(BIN)/python -m benchmarks.runtime $(OPTIONS)

test-stock: .venv/tested .venv-stock/installed  ## the same project files under stock Rasa on Python 3.10
	$(BIN)/python -m benchmarks.stock $(OPTIONS)

.venv-newest/installed: requirements/rooms.lock
	@"$(PYTHON_NEWEST)" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 13))' 2>/dev/null || \
	{ echo "No Python newer than 3.12 was found. Say where one is: make test-newest PYTHON_NEWEST=/path/to/python3.13" >&2; exit 1; }
	"$(PYTHON_NEWEST)" -m venv .venv-newest
	.venv-newest/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/rooms.lock
	pwd > "$$(.venv-newest/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/smartcity.pth"
	@touch $@

# The reader's tests write Rasa's log with Rasa itself.
test-newest: .venv-newest/installed  ## the rooms that know no Rasa, on the newest Python and without Rasa
	.venv-newest/bin/python -m tests.newest
	.venv-newest/bin/python -m pytest -m "not system" -p no:cacheprovider --ignore=tests/console/ingest \
	  --ignore=tests/console/figures/test_days.py $(or $(OPTIONS),$(addprefix tests/,$(NEWEST)))

.venv-tools/installed: requirements/tools.lock | check-python
	"$(PYTHON)" -m venv .venv-tools
	.venv-tools/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/tools.lock
	@touch $@

supply: .venv/installed .venv-tools/installed  ## bill of materials, advisories, licences; writes results/ and requirements/licences.md
	.venv-tools/bin/python requirements/supply.py --python $(BIN)/python --results results \
	  $(if $(DATABASE),--database $(DATABASE)) $(OPTIONS)

lock:  ## renew requirements/*.lock (needs uv)
	cd requirements && for name in main dev tools; do uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --quiet $$name.in -o $$name.lock; done
	cd requirements && sed -n 's/^\([A-Za-z0-9._-]*==.*[^ ]\) *\\$$/\1/p' main.lock dev.lock | grep -v '^numpy==' | \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --constraint - \
	  --no-header --no-emit-index-url --no-annotate --quiet rooms.in -o rooms.lock
	cd requirements && uv pip compile --no-deps --universal --python-version 3.10 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --quiet rasa.in -o rasa.lock
	cd requirements && uv pip compile --universal --python-version 3.10 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --quiet stock.in -o stock.lock

clean:  ## remove environments, models, databases and reports
	rm -rf .venv .venv-stock .venv-tools .venv-newest models var results .rasa
