# What people type. Each target says at its end what it showed; `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
ENV := source scripts/env.sh &&
# Extra words for the commands behind a target, as in `make demo ARGS="--size 500MiB"`.
ARGS ?=

.PHONY: help setup build up demo test test-network bench bench-proofs load fuzz fmt fmt-check lint

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: ## Install what this machine lacks to build (Debian 12 with rustup)
	@scripts/setup.sh

build: setup ## Build everything, tests included
	@$(ENV) cargo build --workspace --all-targets

up: build ## Start a whole network and keep it until Ctrl-C
	@$(ENV) exec "$$NEUROSTORE_BIN/neurostore-localnet" up $(ARGS)

demo: build ## Store a real file, prove it, lose five nodes, get it back
	@$(ENV) exec "$$NEUROSTORE_BIN/neurostore-localnet" demo $(ARGS)

test: fmt-check build ## Everything that CI runs
	@scripts/test.sh

test-network: build ## Of these, the tests over whole networks of processes
	@scripts/test-network.sh

bench: build ## Measure, side by side with yardsticks
	@$(ENV) cargo bench --workspace --profile dev

bench-proofs: build ## Commit, prove, verify, fill a block: each beside its yardstick and its goal
	@scripts/bench-proofs.sh

load: build ## Fill blocks of a running network with proofs; takes ten minutes
	@$(ENV) exec "$$NEUROSTORE_BIN/neurostore-localnet" load $(ARGS)

fuzz: ## Fuzz every decoder of the proofs; ARGS="600" for ten minutes each
	@scripts/fuzz.sh $(ARGS)

fmt: ## Format
	@cargo fmt --all

fmt-check:
	@cargo fmt --all --check

lint: ## Warnings are errors
	@$(ENV) SKIP_WASM_BUILD=1 cargo clippy --workspace --all-targets -- -D warnings
