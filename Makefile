# The verbs of this repository. CI calls only these; `make help` lists them.
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
# What the CDKTF CLI and jsii must know to run quietly and the same everywhere.
export CHECKPOINT_DISABLE := 1
export DISABLE_VERSION_CHECK := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 18,20,22

# OpenTofu where there is no Terraform; the CDKTF CLI asks for it by this name.
ifeq (tofu,$(notdir $(firstword $(shell command -v terraform || command -v tofu))))
export TERRAFORM_BINARY_NAME ?= tofu
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit check format record bench lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-8s %s\n", $$1, $$2 }'

setup: ## Make .venv and node_modules (done by the others when needed)
	@python3 tools/setup.py

demo: setup ## Form an emulated pair with cdktf deploy, kill its primary, report
	@exec .venv/bin/python tools/demo.py

test: setup ## All tests
	.venv/bin/python -m pytest -n 3 --dist worksteal

unit: setup ## The fast tests only
	.venv/bin/python -m pytest tests/unit tests/replay

check: setup ## Lint, format, types, import arrows
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright
	.venv/bin/lint-imports --no-cache

format: setup ## Format the code and mend what lint can mend
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

record: setup ## Record the cassettes again from an emulated pair
	.venv/bin/python tools/record.py

bench: setup ## Measure against floors taken in the same run
	.venv/bin/python -m bench

lock: setup ## Resolve requirements/dev.txt again
	.venv/bin/python tools/lock.py

clean: ## Remove what the other targets made
	rm -rf .venv node_modules cdktf.out .demo .pytest_cache .ruff_cache .hypothesis
