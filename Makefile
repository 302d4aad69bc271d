# deskphone: bare `make` prints the commands.
.DEFAULT_GOAL := help
PY := .venv/bin/python
CONF := --config-file firmware/pyproject.toml
RUFF := .venv/bin/ruff
PYTEST := $(PY) -m pytest -c firmware/pyproject.toml --rootdir .
FAST := not (sip or slow or peer or browser or netns or hil)
QUICK := tests/unit/test_house.py tests/unit/core tests/stories
SOURCES := firmware/deskphone firmware/lan firmware/native firmware/sounds board docs image tests

# Compiled modules are kept, whatever the shell says: half of a start of the tests and of each phone they start.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run test check quick unit lint format hil hil-bench native-check mutants bench fuzz docs lock golden clean \
  image image-check image-size boot-test flash keys bundle

help: ## print the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: ## the phone on this laptop, with a contact centre to call it; SITES=2: with two, and buttons that kill them
	@firmware/prepare.sh run
	@.venv/bin/deskphone demo $(if $(SITES),--sites $(SITES))

test: ## everything, from nothing, with a summary
	@firmware/prepare.sh test
	@$(MAKE) --no-print-directory lint
	@$(PY) -m tests

check: ## lint, types, unit and core stories: what one runs all day
	@firmware/prepare.sh test
	@$(MAKE) --no-print-directory lint unit

quick: ## the laws of the house, core and its stories only: at every save
	@$(PYTEST) -q -n 2 --dist worksteal --hypothesis-profile quick -m "$(FAST) and not long" $(QUICK)

unit: ## unit tests and core stories only
	@firmware/prepare.sh test
	@$(PYTEST) -q -n 2 --dist worksteal -m "$(FAST)" tests

lint: ## ruff, mypy, shellcheck
	@$(RUFF) check --quiet --config firmware/pyproject.toml $(SOURCES)
	@$(RUFF) format --quiet --check --config firmware/pyproject.toml $(SOURCES)
	@.venv/bin/mypy $(CONF) firmware/deskphone tests/centre/centre
	@MYPYPATH=firmware/lan .venv/bin/mypy $(CONF) firmware/lan/*.py
	@MYPYPATH=firmware:firmware/native .venv/bin/mypy $(CONF) firmware/native/*.py
	@git ls-files -z '*.sh' '.ci/run' | xargs -0 -r shellcheck

format: ## let ruff format the code
	@$(RUFF) check --quiet --fix --config firmware/pyproject.toml $(SOURCES); $(RUFF) format --quiet --config firmware/pyproject.toml $(SOURCES)

hil: ## the product's program with its real drivers on a virtual rig: keys, display, lamps, sound, systemd
	@firmware/prepare.sh hil
	@$(PY) -m tests.hil

hil-bench: ## key to display, bytes, mouth to ear beside baresip, measured on the rig
	@firmware/prepare.sh hil
	@$(PY) -m tests.hil measure
	@$(PY) -m tests.hil measure_voice

native-check: ## the C extension with AddressSanitizer, in minutes (VALGRIND=1: with memcheck, in hours)
	@firmware/prepare.sh $(if $(VALGRIND),memcheck,test)
	@tests/native/$(if $(VALGRIND),run_valgrind.sh,run_sanitized.sh)

mutants: ## does a test fail when core or wire errs? (ROOMS="core/calls wire", SAMPLE=10 of a hundred mutants, SEED=0, AGAIN=1: what nobody noticed last time)
	@firmware/prepare.sh mutants
	@nice $(PY) -m tests.mutants $(ROOMS) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(if $(AGAIN),--again)

bench: ## latencies, CPU and memory beside baresip and pjsua, as a table
	@firmware/prepare.sh test
	@$(PY) -m tests.bench

fuzz: ## hostile bytes at every parser: SECONDS=60 for each; then at the filter in front of pjsip
	@firmware/prepare.sh test
	@$(PY) tests/fuzz/wire/fuzz.py --seconds $(or $(SECONDS),60)
	@$(PY) -m tests.fuzz.front --seconds $(or $(SECONDS),60)

docs: ## write the generated pages anew (settings, states, wiring, the matrix of peers)
	@.venv/bin/deskphone config reference > docs/configuration.md
	@$(PY) board/wiring.py
	@$(PY) docs/states.py
	@$(PY) docs/interop_matrix.py

golden: ## draw the golden pictures anew (look at them before you commit)
	@$(PYTEST) -q tests/unit/view/test_golden.py tests/unit/view/test_guide.py --redraw
	@$(PY) tests/unit/view/sheet.py
	@PYTHONPATH=. $(PY) tests/unit/view/walk_page.py
	@PYTHONPATH=. $(PY) tests/unit/view/keys_page.py

lock: ## resolve the Python packages anew, with hashes
	@.venv/bin/python -m pip --quiet install pip-tools
	@for name in requirements-build requirements requirements-test requirements-mutants requirements-hil ../tests/centre/requirements; do (cd firmware && ../.venv/bin/pip-compile -q --upgrade --generate-hashes \
	  --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate \
	  -o $$name.lock $$name.in); done

image: ## the card image: BOARD=rpi4 rpi3 zero2w qemu (HANDSET=i2c, VARIANT=dev, BUILDROOT=DIR)
	@image/scripts/build.sh $(or $(BOARD),rpi4)

image-check: ## whether the image's recipe is sound, without building (BUILDROOT=DIR, KERNEL=DIR: more)
	@$(or $(wildcard .venv/bin/python),python3) image/scripts/check.py

image-size: ## the image against its budget
	@image/scripts/size.sh $(or $(BOARD),rpi4)

keys: ## keys for updates: KEYS=DIRECTORY NAME="Owner" (VARIANT=dev: development keys)
	@image/scripts/keys.sh "$(KEYS)" "$(NAME)"

bundle: ## a signed update for a board: BOARD, KEYS=DIRECTORY (after make image)
	@image/scripts/bundle.sh $(or $(BOARD),rpi4)

boot-test: ## boot the image in QEMU: registers, takes a call (needs make image BOARD=qemu)
	@firmware/prepare.sh test
	@$(PYTEST) -s -m boot tests/boot
	@$(PY) image/scripts/boot_age.py

flash: ## write a card: DEV=/dev/sdX (BOARD, HANDSET, VARIANT, or IMAGE=FILE); asks before it writes
	@image/scripts/flash.sh "$(DEV)" $(IMAGE)

clean: ## remove what was built here (the cache of pjproject stays)
	rm -rf .venv build firmware/*.egg-info tests/centre/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
