# Kula. `make` builds, `make demo` shows it at work, `make test` tests it; `make help` lists the rest.
CC      ?= gcc
# -ffp-contract=off: no fused multiply-add, so that every machine gives the same bits (docs/NUMERICS.md)
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wshadow -Wconversion
STD      = -std=c17 -D_GNU_SOURCE -ffp-contract=off -fno-math-errno -fPIC -fvisibility=hidden -pthread
LIBS     = -lsqlite3 -ljansson -lutf8proc -lxxhash -lnettle -lm -lpthread
B       ?= build
ROOMS    = base source text model know measure claims ledger answer
LIB_SRC := $(foreach r,$(ROOMS),$(wildcard src/$(r)/*.c))
CLI_SRC := $(wildcard src/cli/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)
TESTS   := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*_test.c))

all: $(B)/kula

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(STD) $(CFLAGS) $(WARN) -Iinclude -Isrc -MMD -c $< -o $@

$(B)/libkula.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/kula: $(CLI_OBJ) $(B)/libkula.a
	$(CC) $(CFLAGS) -pthread $(CLI_OBJ) $(B)/libkula.a $(LIBS) -o $@

$(B)/tests/%: tests/unit/%.c $(B)/libkula.a
	@mkdir -p $(@D)
	$(CC) $(STD) $(CFLAGS) $(WARN) -Iinclude -Isrc -Itests -MMD $< $(B)/libkula.a $(LIBS) -o $@

unit: $(TESTS)
	@for t in $(TESTS); do $$t || exit 1; done

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all unit clean
.SECONDARY:
