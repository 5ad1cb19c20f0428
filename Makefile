# Everything that is done with Swirl's sources. `make` alone lists it.
#
# One configuration, release, is built for running, testing and installing: the dependencies alone take minutes, and
# would be built once for each configuration. The tests cover what users get, and a debug build is one
# `swift build` away. Every target may be run again at any time, and does only what is missing.

PREFIX ?= /usr/local
DESTDIR ?=
LISTEN ?= 127.0.0.1:3000

# Processors to build on; empty is all of them.
JOBS ?=
# More arguments for `make test`, as in: make test ARGS='--filter HTTPTests'
ARGS ?=

SWIFT_FLAGS := -c release $(if $(JOBS),-j $(JOBS))
BIN := .build/release
# Types that the host writes itself: rows are copied from where SQLite left them.
BY_HAND := --by-hand spin:sqlite/sqlite.row-result --by-hand spin:sqlite/sqlite.query-result
DEPS := .deps
SOURCES := Package.swift Sources Tests Benchmarks Fuzz
VENV := $(CURDIR)/$(DEPS)/venvs/spin-sdk5

.DEFAULT_GOAL := help
.PHONY: help tools setup build run test guests conformance wasi-testsuite spin-tests bench fuzz format \
	lint generated check-generated install uninstall clean distclean
# The steps print as they go; several at once would mix.
.NOTPARALLEL:

help:
	@echo "Swirl: serverless WebAssembly applications, in Swift."
	@echo
	@echo "  make setup            get what the build needs: packages, libwasmtime, Python tools for guests"
	@echo "  make build            build the swirl command: $(BIN)/swirl"
	@echo "  make run              build all, build examples/hello-python, serve it on http://$(LISTEN)"
	@echo "  make test             build and run all tests     (one suite: make test ARGS='--filter HTTPTests')"
	@echo "  make conformance      run upstream's WebAssembly scripts on Swirl's runtime, and compare with docs/conformance.md"
	@echo "  make wasi-testsuite   run WebAssembly/wasi-testsuite, preview 1 and 0.3, which is fetched"
	@echo "  make spin-tests       run Spin's conformance tests, modules of its earlier SDKs, and its"
	@echo "                        Python examples, and read its manifests; all fetched"
	@echo "  make bench            measure, and print the figures beside their goals"
	@echo "  make fuzz             look for inputs that break a parser (SECONDS=60 for each)"
	@echo "  make format           format all sources          (make lint: only check)"
	@echo "  make generated        write the generated sources again   (make check-generated: only check)"
	@echo "  make install          install to PREFIX, now $(PREFIX)     (make install PREFIX=~/.local)"
	@echo "  make uninstall        remove what make install put there"
	@echo "  make clean            remove what was built       (make distclean: what was downloaded, too)"
	@echo
	@echo "First time here: make run"

tools:
	@scripts/check-tools

# What `swirl` itself needs. The Python tools come with the targets that use them, and with `setup`.
$(DEPS)/ready: tools
	@scripts/install-packages
	@scripts/fetch-wasmtime
	@scripts/link-library $(SWIFT_FLAGS)

.PHONY: $(DEPS)/ready $(DEPS)/python $(DEPS)/tests

# What only tests use. What cannot be had is told, and its tests are skipped.
$(DEPS)/tests: $(DEPS)/ready
	@scripts/install-packages tests
	@scripts/fetch-llhttp-cases || echo "llhttp: its cases are not here, so they are not run"

$(DEPS)/python: tools
	@scripts/python-venv $(DEPS)/venvs/spin-sdk5 examples/hello-python/requirements.txt
	@scripts/python-venv $(DEPS)/venvs/spin-sdk3 Tests/Guests/python-spin-sdk3/requirements.txt
	@scripts/python-venv $(DEPS)/venvs/componentize-py examples/plain-python/requirements.txt

setup: $(DEPS)/tests $(DEPS)/python
	@echo "setup: ready. Next: make run, or make test"

build: $(DEPS)/ready
	@echo "build: swirl (the first time takes some minutes)"
	@swift build $(SWIFT_FLAGS) --product swirl

run: build $(DEPS)/python
	@echo "run: building examples/hello-python"
	@PATH="$(VENV)/bin:$$PATH" $(BIN)/swirl build -f examples/hello-python
	@$(BIN)/swirl up -f examples/hello-python --listen $(LISTEN)

guests: tools
	@scripts/build-guests
	@Tests/Guests/generate.py --check

test: $(DEPS)/tests guests
	@echo "test: building everything (the first time takes some minutes)"
	@swift build $(SWIFT_FLAGS) --build-tests
	@echo "test: units"
	@swift test $(SWIFT_FLAGS) --skip-build --disable-xctest --skip IntegrationTests $(ARGS)
	@echo "test: whole applications, one after the other"
	@SWIRL_TEST_GUESTS="$(CURDIR)/$(DEPS)/guests" swift test $(SWIFT_FLAGS) --skip-build --disable-xctest \
		--filter IntegrationTests --no-parallel $(ARGS)

conformance: $(DEPS)/ready
	@swift build $(SWIFT_FLAGS) --product swirl-wast
	@scripts/conformance $(ARGS)

wasi-testsuite: build
	@scripts/wasi-testsuite $(BIN)/swirl

# 3: it could not be had, which it has said.
spin-tests: build $(DEPS)/tests
	@scripts/spin-conformance || [ $$? -eq 3 ]
	@scripts/spin-legacy-apps || [ $$? -eq 3 ]
	@scripts/spin-python-examples || [ $$? -eq 3 ]
	@scripts/spin-manifests || [ $$? -eq 3 ]

bench: $(DEPS)/ready guests
	@swift build $(SWIFT_FLAGS) --product swirl
	@SWIRL_BENCH_ASYNC_HTTP_CLIENT=1 swift build $(SWIFT_FLAGS) --product swirl-bench
	@$(BIN)/swirl-bench run $(ARGS)

format: tools
	@swift format --in-place --parallel --recursive $(SOURCES)

lint: tools
	@swift format lint --strict --parallel --recursive $(SOURCES)

fuzz: tools
	@scripts/fuzz --seconds $(or $(SECONDS),60)

generated: tools
	@swift build $(SWIFT_FLAGS) --product swirl-bindgen
	@$(BIN)/swirl-bindgen --wit wit --world host --output Sources/WASI/Generated
	@$(BIN)/swirl-bindgen --wit wit --world capabilities $(BY_HAND) --output Sources/Capabilities/Generated
	@Tests/Guests/generate.py

check-generated: tools
	@swift build $(SWIFT_FLAGS) --product swirl-bindgen
	@$(BIN)/swirl-bindgen --wit wit --world host --output Sources/WASI/Generated --check
	@$(BIN)/swirl-bindgen --wit wit --world capabilities $(BY_HAND) --output Sources/Capabilities/Generated --check
	@Tests/Guests/generate.py --check
	@echo "check-generated: current"

install: build
	@scripts/link-static $(DEPS)/install/swirl $(SWIFT_FLAGS)
	@mkdir -p "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/lib/swirl"
	@for library in $(DEPS)/lib/swirl/libwasmtime.*; do \
		to="$(DESTDIR)$(PREFIX)/lib/swirl/$${library##*/}" && cp "$$library" "$$to.new" && mv "$$to.new" "$$to"; \
	done
	@to="$(DESTDIR)$(PREFIX)/bin/swirl" && cp $(DEPS)/install/swirl "$$to.new" && mv "$$to.new" "$$to"
	@echo "install: $(DESTDIR)$(PREFIX)/bin/swirl"

uninstall:
	@rm -rf "$(DESTDIR)$(PREFIX)/bin/swirl" "$(DESTDIR)$(PREFIX)/lib/swirl"
	@echo "uninstall: removed swirl from $(DESTDIR)$(PREFIX)"

clean:
	@rm -rf .build $(DEPS)/install $(DEPS)/guests examples/*/app.wasm examples/*/.swirl
	@echo "clean: done"

distclean: clean
	@rm -rf $(DEPS)
	@echo "distclean: done"
