# What people type. Each target says at its end what it showed; `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
ENV := source scripts/env.sh &&
# What is compared with other programs is built by the compiler alone, without the linter.
PLAIN := $(ENV) export RUSTC_WORKSPACE_WRAPPER= &&
# Extra words for the commands behind a target, as in `make demo ARGS="--size 500MiB"`.
ARGS ?=
# Where `make install` puts things.
PREFIX ?= $(HOME)/.local

.PHONY: help setup programs build install up demo chaos test test-network test-contracts gas bench bench-proofs load \
	fuzz fmt lint docs

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## Install what this machine lacks to build (Debian 12 with rustup)
	@scripts/setup.sh

# The programs without tests and benches: with the same features, so that nothing of it is compiled
# again for them.
programs: setup
	@$(ENV) cargo build --workspace --bins

build: setup ## Build everything, tests included; lints are errors
	@scripts/test.sh build

install: setup ## Build neuro, neuro-node and neurostore-node for use, into PREFIX (~/.local)
	@scripts/install.sh "$(PREFIX)"

demo: programs ## Store a real file, prove it, lose five nodes, get it back
	@$(ENV) exec "$$NEUROSTORE_BIN/neurostore-localnet" demo $(ARGS)

test: setup ## Everything that CI runs; ARGS="docs rust" for some of its stages
	@scripts/test.sh $(ARGS)

up: programs ## Start a whole network and keep it until Ctrl-C
	@$(ENV) exec "$$NEUROSTORE_BIN/neurostore-localnet" up $(ARGS)

chaos: programs ## Break a running network by a seeded plan while files come and go
	@$(ENV) exec "$$NEUROSTORE_BIN/neurostore-localnet" chaos $(ARGS)

test-network: setup ## The tests over whole networks of processes; ARGS="survival" for some
	@scripts/test-network.sh $(ARGS)

test-contracts: setup ## The contracts on Base, long campaigns included
	@FOUNDRY_PROFILE=deep bridge-base/contracts/test.sh $(ARGS)
	@bridge-base/contracts/mutations.sh

gas: setup ## What calls of the contracts cost on anvil, beside the goals
	@bridge-base/contracts/gas.sh

bench: setup ## Measure, side by side with yardsticks
	@$(PLAIN) cargo bench --workspace --profile dev

bench-proofs: setup ## Commit, prove, verify, fill a block: each beside its yardstick and its goal
	@$(PLAIN) scripts/bench-proofs.sh

load: programs ## Fill blocks of a running network with proofs; takes ten minutes
	@$(ENV) exec "$$NEUROSTORE_BIN/neurostore-localnet" load $(ARGS)

fuzz: setup ## Fuzz every decoder of the proofs; ARGS="600" for ten minutes each
	@scripts/fuzz.sh $(ARGS)

fmt: ## Format
	@cargo fmt --all

lint: build ## Warnings are errors: lints come with the build

docs: setup ## Pages of every crate, with broken links as errors, and their examples
	@scripts/test.sh docs
