# `make up` makes this machine ready and brings up a real local platform; `make test` makes it ready and tests.
SHELL := /bin/sh
NODE ?= node
ENVIRONMENT ?= local
REPAVE := $(NODE) dist/cli/repave.js

.PHONY: up down test setup doctor bench fuzz chaos engine-long e2e-fresh e2e-clouds clean

up: setup
	@$(REPAVE) up $(ENVIRONMENT)

down: setup
	@$(REPAVE) down $(ENVIRONMENT) --yes

test: setup
	@$(NODE) scripts/test.mjs

setup:
	@$(NODE) scripts/setup.mjs

doctor: setup
	@$(REPAVE) doctor

bench: setup
	@$(NODE) scripts/bench.mjs

# Long (about three minutes): 10,000 mutated inputs of each kind. FUZZ_ROUNDS and FUZZ_SEED choose others.
fuzz: setup
	@$(NODE) scripts/test.mjs tests/fuzz

# Long: what the engine tests of `make test` have no time for.
engine-long: setup
	@$(NODE) scripts/test.mjs tests/engine-long

# Long: the deployer killed again and again.
chaos: setup
	@$(NODE) scripts/test.mjs chaos

# Long: set-up from a clean clone with an empty cache.
e2e-fresh: setup
	@$(NODE) scripts/test.mjs tests/e2e-fresh

# Long: environments on simulated clouds; fetches what simulates them once.
e2e-clouds: setup
	@$(NODE) scripts/test.mjs tests/e2e-clouds

clean:
	rm -rf dist node_modules
