# Keyward. Needs Go, and nothing else, for run, demo and test.
# Browser tests want Chromium and are skipped, saying so, where there is none
# (in CI they fail instead); the race detector wants a C compiler.

GO   ?= go
TOOL := $(GO) tool -modfile=infra/tools/go.mod
RACE := $(if $(shell command -v gcc),-race)

.PHONY: run demo build test check bench fuzz clean

## run: all of Keyward on this machine; ARGS="--help" shows its flags
run: build
	@exec bin/keyward local $(ARGS)

## demo: the life of integrations without a person, on a virtual clock
demo: build
	@bin/keyward demo $(ARGS)

## build: the command, bin/keyward
build:
	@$(GO) build -trimpath -o bin/keyward ./infra/keyward

## test: everything that can be tested here
test: check
	$(GO) test $(RACE) ./...

## check: formatting, vet and staticcheck
check:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w these:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOL) staticcheck ./...

## bench: speed and memory, beside a floor measured in the same run
bench:
	$(GO) run ./infra/bench $(ARGS)

## fuzz: every fuzz target for FUZZTIME each
FUZZTIME ?= 1m
fuzz:
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; \
	done

clean:
	rm -rf bin
