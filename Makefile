# Everything there is to do here. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help demo up down setup test check lint format golden chaos bench soak corpus fuzz hostile neighbours
.PHONY: pictures smoke

python := .venv/bin/python

help: ## Show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: setup ## Run the whole chain here and say where to click; Ctrl-C stops it
	@$(python) deploy/local/stack.py run

up: setup ## Start the same in the background; returns when every part is well
	@$(python) deploy/local/stack.py up

down: ## Stop what `make up` started
	@/usr/bin/python3 deploy/local/stack.py down

setup: ## Install and make what is missing on this machine; the others do it too
	@deploy/local/setup.sh

test: setup ## Run every check and every test, with the real services, LibreOffice and Chromium
	@tests/running/all.sh

check: setup lint ## Run the checks and the fast tests of what was changed, in about a minute: for each change
	@$(python) -m tests.running.changed

lint: setup ## Check everything that ships: style, types, imports, spelling, links
	@$(python) deploy/local/lint.py

format: setup ## Put Python, scripts and styles in shape
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@node_modules/.bin/biome check --write .

golden: setup ## Take what the converter makes now as what the golden documents should look like
	@$(python) -m tests.golden

pictures: setup ## Take the pictures of docs/pictures anew, from the demo in a real Chromium
	@$(python) -m tests.pictures

chaos: setup ## Five minutes of killed offices and bad documents; writes build/chaos.json
	@$(python) -m tests.bench.chaos

soak: setup ## 2,000 conversions, and whether memory stays flat; writes build/soak.json
	@$(python) -m tests.bench.soak

bench: setup ## Measure against what the machine can do; writes build/bench.json
	@$(python) -m tests.bench

corpus: setup ## Open every file of DIR, or of its own, and look for its words; JSON= for a report
	@$(python) -m tests.corpus $(if $(DIR),"$(DIR)") $(if $(JSON),--json "$(JSON)")

fuzz: setup ## Try to break what looks at hostile bytes, some minutes (SECONDS=20 for each target)
	@$(python) -m tests.fuzz $(or $(SECONDS),20)

hostile: setup ## What each worst case costs the sandbox, in seconds and megabytes (CASES="name name")
	@$(python) -m tests.hostile $(CASES)

neighbours: setup ## What others wait while each worst case is opened; writes build/neighbours.json (CASES=)
	@$(python) -m tests.bench.neighbours $(CASES)

smoke: ## Build the Docker images, run them together, open a document
	@bash deploy/compose/smoke.sh
