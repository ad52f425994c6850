# The commands of the kit. `make` alone lists them.

# Any Python 3 can begin; the set-up looks for a suitable one itself.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,\
	$(if $(shell command -v $(name)),$(name))))

# In the kit's own conda environment (environment.yml) that one is used, else .venv.
ifeq ($(notdir $(CONDA_PREFIX)),internlab)
KIT := "$(CONDA_PREFIX)/bin/python"
else
KIT := .venv/bin/python
endif

TRACK ?= superres
ONLY ?=
FOLDER ?=

.DEFAULT_GOAL := help
.PHONY: help start test test-gpu check notebooks execute claims book workshop progress lock \
	clean clean-all environment environment-gpu

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

start: environment  ## set everything up, check the machine, open the first notebook
	@$(KIT) -m internlab.environment
	@$(KIT) tools/start_lab.py

test: environment  ## set everything up, run every test and every notebook at its smallest size
	$(KIT) -m ruff check .
	$(KIT) -m authoring.build --check --accept-committed
	INTERNLAB_TIER=smoke OMP_NUM_THREADS=1 $(KIT) -m pytest --numprocesses 2

test-gpu: environment-gpu  ## the tests and notebooks that need an NVIDIA GPU; fails without one
	INTERNLAB_REQUIRE_GPU=1 $(KIT) -m internlab.environment
	INTERNLAB_TIER=gpu INTERNLAB_REQUIRE_GPU=1 $(KIT) -m pytest tests/gpu tests/test_notebooks.py
	$(KIT) -m internlab.superres.gpu_report

check: environment  ## say what this machine has, what is missing and what that costs
	@$(KIT) -m internlab.environment

notebooks: environment  ## build notebooks/, labs/ and solutions/ from authoring/
	$(KIT) -m authoring.build

execute: environment  ## build, then run the lessons and keep their outputs
	$(KIT) -m authoring.build --execute

claims: environment  ## measure every claim again: make claims TRACK=superres [ONLY="name ..."]
	@$(KIT) -m internlab.claims --track $(TRACK) $(if $(ONLY),--only $(ONLY))

book: environment  ## the lessons as a static, searchable book in dist/book
	@$(KIT) -m book

workshop: environment  ## the bundles for a room: participants' (installs offline), instructor's
	@$(KIT) -m authoring.workshop

progress: environment  ## which exercises pass, yours or a room's: make progress [FOLDER=...]
	@$(KIT) -m internlab.progress $(FOLDER)

lock: environment  ## write constraints.txt anew after a change to pyproject.toml
	$(KIT) tools/lock.py

clean:  ## delete caches; your notes, your answers, downloads and .venv stay
	rm -rf .pytest_cache .ruff_cache .hypothesis
	find . -path './.venv*' -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \
		-o -name lightning_logs \) -type d -prune -exec rm -rf {} +

clean-all: clean  ## delete the environment and the downloads too; your notes and answers stay
	rm -rf .venv .venv-previous .venv-removing .cache dist data/cache src/internlab.egg-info

# The first step of every command above: .venv as pyproject.toml and constraints.txt say.
environment:
	@$(if $(PYTHON),$(PYTHON) tools/bootstrap.py,$(NO_PYTHON))

environment-gpu:
	@$(if $(PYTHON),$(PYTHON) tools/bootstrap.py --gpu,$(NO_PYTHON))

NO_PYTHON = echo "No Python was found. Install Python 3.11 or newer, for example:" \
	"sudo apt install python3 python3-venv, or brew install python" >&2; exit 1
