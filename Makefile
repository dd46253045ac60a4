# Keyward. Needs Go, and nothing else, for run, demo and test.
# Browser tests want Chromium and are skipped, saying so, where there is none
# (in CI they fail instead); the race detector wants a C compiler.

GO   ?= go
TOOL := $(GO) tool -modfile=infra/tools/go.mod
RACE := $(if $(shell command -v gcc),-race)

.PHONY: run demo build test quick check e2e simulate mutate bench fuzz security clean

## run: all of Keyward on this machine; ARGS="--help" shows its flags
run: build
	@exec bin/keyward local $(ARGS)

## demo: the life of integrations without a person, on a virtual clock
demo: build
	@bin/keyward demo $(ARGS)

## build: the command, bin/keyward
build:
	@[ -e bin/keyward ] || echo "Building bin/keyward; the first time this takes a minute or two."
	@$(GO) build -trimpath -o bin/keyward ./infra/keyward

## test: everything that can be tested here; leakscan looks for secrets in all
## that the tests print, and shows what go test would
test: check prepared
	@echo "Simulating seeds from $(SEEDS_FROM) on; to repeat: SEEDS_FROM=$(SEEDS_FROM) make test"
	@$(GO) build -o bin/leakscan ./infra/hostile/leakscan
	@bash -o pipefail -c '$(GO) test -json -timeout 20m ./... 2>&1 | bin/leakscan -tests'
	$(if $(RACE),$(GO) test $(RACE) -short $(RACED),@echo "No C compiler here: the race detector was not run.")

## quick: build, vet and the unit tests of pkg, without browsers and moto; under
## a minute once the cache is warm
quick:
	@$(GO) build ./... && $(GO) vet ./... && $(GO) test -short $$($(GO) list ./pkg/... | grep -v /pkg/aws/)

# Where goroutines share something.
RACED := ./pkg/integration ./pkg/appstoreconnect ./pkg/embedded ./pkg/intake ./pkg/validate ./pkg/certificates \
         ./pkg/sweep ./pkg/notify ./pkg/feedback ./pkg/operator ./infra/local

# Tests on AWS's APIs and of the template want Python. Without it they are
# skipped, saying so; in CI they fail.
.PHONY: prepared
prepared:
	@$(MAKE) --no-print-directory python $(if $(CI),,|| echo "No Python parts here: tests on moto and of the template will be skipped.")

## check: formatting, vet and staticcheck
check:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w these:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOL) staticcheck ./...


## e2e: the demonstration on the functions' real bootstraps, as template.yaml
## wires them, beside a stand-in for AWS; part of make test. Needs Python
e2e: python
	$(GO) test -count 1 -timeout 20m -v -run 'TestTheDemonstrationOnRealBootstraps' ./infra/e2e

## simulate: many seeds of faults through the real handlers, other ones for each
## commit; SEED=n replays one, SEEDS_FROM=n begins there. The checksum that it
## prints is the same before and after a change that leaves behaviour as it is.
SEEDS ?= 10000
# Each commit has seeds of its own, so that every run of CI sees fresh ones and
# the same commit always the same. Outside of a checkout they begin at 1.
SEEDS_FROM ?= $(shell n=$$(git rev-parse --verify --quiet HEAD | cut -c1-8); echo $$((0x$${n:-0} * 10000 + 1)))
export SEEDS_FROM
simulate:
	$(GO) run ./infra/simulation/cmd $(if $(SEED),-seed $(SEED),-from $(SEEDS_FROM) -seeds $(SEEDS)) $(ARGS)

## mutate: mutation testing; PKG=pkg/sweep for one package. Fails under 95 % of
## mutants found, or run; see infra/mutate/mutants.txt for those that may stay
MUTATED := $(addprefix pkg/,integration intake validate certificates sweep notify feedback operator keyfile appstoreconnect)
mutate:
	@$(GO) build -o bin/mutate ./infra/mutate
	@bin/mutate -gremlins "$$($(TOOL) -n gremlins)" $(ARGS) $(or $(PKG),$(MUTATED))

## bench: speed and memory, beside a floor measured in the same run
bench:
	$(GO) run ./infra/bench $(ARGS)

## fuzz: every fuzz target for FUZZTIME each, two at a time. Now and then go
## fails a target because its time ended, with no input to blame: that is tried again.
FUZZTIME ?= 1m
fuzz:
	@grep -rlE --include='*_test.go' '^func Fuzz' infra pkg functions | while read f; do \
	  sed -nE "s|^func (Fuzz[A-Za-z0-9]*).*|./$$(dirname $$f) \1|p" $$f; done | xargs -P2 -n2 sh -c \
	  'for try in 1 2 3; do \
	     out=$$($(GO) test -run "^$$" -fuzz "^$$1$$" -fuzztime $(FUZZTIME) -parallel 1 $$0 2>&1) && { echo "ok $$0 $$1"; exit; }; \
	     case "$$out" in *testdata/fuzz*) break;; *"context deadline exceeded"*) ;; *) break;; esac; \
	   done; echo "$$out"; exit 255'

## security: gosec, and govulncheck where its database can be reached
security:
	$(TOOL) gosec -quiet -conf infra/hostile/gosec.json -nosec-require-rules -nosec-require-justification ./...
	@out=$$($(TOOL) govulncheck ./... 2>&1) && echo "$$out" || case "$$out" in \
	  *"fetching vulnerabilities"*) echo "govulncheck: its database cannot be reached from here; not checked";; \
	  *) echo "$$out"; exit 1;; esac

clean:
	rm -rf bin

# ── Lambda: targets of `sam build`, and what stands in for it here ───────────

LAMBDAS      := Operator Portal Intake Sweep Validate Certificates Notify Feedback
LAMBDA_FLAGS := -tags lambda.norpc -trimpath -ldflags "-s -w"
lower         = $(shell echo $(1) | tr A-Z a-z)

.PHONY: $(LAMBDAS:%=build-%Function) functions python

# sam build calls these, with ARTIFACTS_DIR in the environment.
$(LAMBDAS:%=build-%Function): build-%Function:
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 $(GO) build $(LAMBDA_FLAGS) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$(call lower,$*)

## functions: the eight bootstraps, for this machine and for arm64, below bin/lambda
functions:
	@for arch in $$($(GO) env GOARCH) arm64; do for name in $(call lower,$(LAMBDAS)); do \
	  GOOS=linux GOARCH=$$arch CGO_ENABLED=0 $(GO) build $(LAMBDA_FLAGS) -o bin/lambda/$$arch/$$name/bootstrap ./functions/$$name || exit 1; \
	done; done

## python: what tests of the template and of AWS need, in .venv unless python3 has it
PYTHON ?= python3
python:
	@$(PYTHON) infra/python/has.py infra/python/requirements.txt || \
	  { $(PYTHON) -m venv .venv && .venv/bin/pip install --quiet --requirement infra/python/requirements.txt; }
