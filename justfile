# The commands of CONTRIBUTING.md by short names. `just` is optional: each recipe is what the table there says.

set positional-arguments

# Lists the recipes
[private]
default:
    @just --list

# The tests, or those that pytest's arguments choose
test *arguments:
    python3 manage.py test "$@"

# The whole product against a simulated Kombo
demo *arguments:
    python3 manage.py demo "$@"

# Formats Python
format:
    .venv/bin/ruff format .

# Lints Python and templates
lint:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/djlint --quiet --lint templates

# Checks the types, strictly
types:
    .venv/bin/mypy .

# Takes the pictures of the README and docs/design.md anew, or those that are named
pictures *names:
    .venv/bin/python -m tests.browser.pictures "$@"

# Brings the translations up to date and names what to fill in
messages:
    .ci/messages

# Compiles both locks from pyproject.toml; needs uv
lock:
    uv pip compile --python-version 3.12 --universal --generate-hashes --no-header --extra postgres --extra metrics pyproject.toml -o requirements.txt
    uv pip compile --python-version 3.12 --universal --generate-hashes --no-header --extra postgres --extra metrics --extra sso pyproject.toml -o requirements-sso.txt
    uv pip compile --python-version 3.12 --universal --generate-hashes --no-header --extra postgres --extra metrics --extra sso --extra dev pyproject.toml -o requirements-dev.txt

# What pages cost; `just bench webhooks` measures another part: webhooks, worker, soak, faults, our_outages, triage, overview, outages, operations, copying
bench part="" *arguments:
    .venv/bin/python -m tests.bench{{ if part == "" { "" } else { "." + part } }} {{ arguments }}

# Makes mistakes in a copy and sees that tests notice; names choose some
mistakes *names:
    .venv/bin/python -m tests.mistakes "$@"

# Does what docs/deploying.md says on a bare Debian; --old COMMIT upgrades from there
deployment *arguments:
    .venv/bin/python -m tests.deployment "$@"

# Prints the bill of materials (CycloneDX), from the lock
sbom:
    .ci/sbom

# Everything a change must pass, or some of its stages: lint, tests, postgres
ci *stages:
    .ci/run "$@"
