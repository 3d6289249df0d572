# Kula. `make demo` shows it at work, `make test` tests it; both install what is missing. `make help` lists the rest.

ifeq ($(origin CC),default)
CC       = gcc
endif
PREFIX  ?= /usr/local
B       ?= build

# All cores, unless told otherwise.
MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
# A line for each step; make V=1 shows the commands.
Q       := $(if $(V),,@)

# -O2 and no -march: released binaries run on the plain machine type; kernels for wider ones are chosen at run time.
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wshadow -Wconversion
STD      = -std=c17 -D_GNU_SOURCE -pthread
# No fused multiply-add: it rounds once instead of twice, and every machine shall give the same bits (docs/NUMERICS.md).
STD     += -ffp-contract=off
# Nobody reads errno after sqrt() or exp(); without this they can't be inlined.
STD     += -fno-math-errno
# One set of objects serves libkula.a and libkula.so; calls inside the library may still be inlined.
STD     += -fPIC -fno-semantic-interposition
STD     += -DKULA_SHARE='"$(PREFIX)/share/kula"'
LIBS     = -lsqlite3 -ljansson -lutf8proc -lxxhash -lnettle -lm

# The rooms in the order of the data (docs/TOUR.md). The library ends before cli.
ROOMS    = base source text model know measure claims ledger answer formats
VERSION := $(shell sed -n 's/^.define KULA_VERSION "\(.*\)"/\1/p' include/kula/kula.h)
SONAME   = libkula.so.0

LIB_OBJ := $(patsubst %.c,$(B)/%.o,$(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c)))
CLI_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard src/cli/*.c))
UNIT    := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))
PROPERTY:= $(patsubst tests/property/%.c,$(B)/tests/property/%,$(wildcard tests/property/*.c))
GOLDEN  := $(patsubst tests/golden/%.c,$(B)/tests/golden/%,$(wildcard tests/golden/*.c))
FAILURE := $(patsubst tests/failure/%.c,$(B)/tests/failure/%,$(wildcard tests/failure/*.c))
BENCH   := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))
FUZZ    := $(filter-out driver,$(patsubst fuzz/%.c,%,$(wildcard fuzz/*.c)))

all: $(B)/kula $(B)/kula.know $(B)/libkula.a $(B)/$(SONAME)

# ---- building ----

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  cc    $<'
	$(Q)$(CC) $(STD) $(CFLAGS) $(WARN) -Iinclude -Isrc -MMD -MP -c $< -o $@

# Tables that are built into objects (.incbin); the compiler does not tell make of them.
$(filter $(B)/src/text/%,$(LIB_OBJ)): $(wildcard data/text/*.tsv)
$(filter $(B)/src/measure/%,$(LIB_OBJ)): $(wildcard data/measure/*.tsv)

$(B)/libkula.a: $(LIB_OBJ)
	@echo '  ar    $@'
	@rm -f $@
	$(Q)ar rcs $@ $^

# What the public header declares is seen from outside, and nothing else.
$(B)/kula.map: include/kula/kula.h
	@mkdir -p $(@D)
	$(Q){ echo '{ global:'; grep -o '\bkula_[a-z_]*(' $< | sort -u | tr '(' ';'; echo 'local: *; };'; } > $@

$(B)/$(SONAME): $(LIB_OBJ) $(B)/kula.map
	@echo '  ld    $@'
	$(Q)$(CC) $(CFLAGS) -pthread -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(B)/kula.map $(LIB_OBJ) $(LIBS) -o $@
	$(Q)ln -sf $(SONAME) $(B)/libkula.so

$(B)/kula: $(CLI_OBJ) $(B)/libkula.a
	@echo '  ld    $@'
	$(Q)$(CC) $(CFLAGS) -pthread $(LDFLAGS) $(CLI_OBJ) $(B)/libkula.a $(LIBS) -o $@

# The knowledge is compiled by the program itself.
$(B)/kula.know: $(wildcard data/know/*.tsv) $(B)/kula
	@echo '  know  $@'
	$(Q)$(B)/kula know --compile data/know -o $@

# ---- trying and testing ----

demo: deps
	@$(MAKE) -s all
	@scripts/demo $(B)

test: deps
	@$(MAKE) all tests
	@tests/run $(B) unit golden property failure

# What takes minutes: the writer of a ledger is killed 500 times at random in each way; very large input.
slow: deps
	@$(MAKE) all tests
	@KILLS=500 KULA_TEST_SECONDS=3600 tests/run $(B) failure slow

tests: $(UNIT) $(GOLDEN) $(PROPERTY) $(FAILURE)
unit: $(UNIT)
	@tests/run $(B) unit

$(B)/tests/%: tests/%.c tests/test.h $(B)/libkula.a
	@mkdir -p $(@D)
	@echo '  cc    $<'
	$(Q)$(CC) $(STD) $(CFLAGS) $(WARN) -Iinclude -Isrc -Itests -MMD -MP -MF $@.d $< $(B)/libkula.a $(LIBS) -o $@

# Writes the claims as they are read now into tests/golden; look at the difference before you commit it.
golden: all $(GOLDEN)
	@tests/golden/run $(B) --rewrite

# Puts what the program prints now into README.md.
readme: all
	@scripts/readme $(B)

# Address and undefined behaviour; threads; every door with bytes that nobody meant for it.
sanitize:
	@$(MAKE) B=$(B)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all' all tests
	@tests/run $(B)/asan unit property failure
tsan:
	@$(MAKE) B=$(B)/tsan CFLAGS='-O1 -g -fsanitize=thread' all tests
	@tests/run $(B)/tsan unit property

# fuzz: with clang's fuzzer, FUZZ_SECONDS for each target. fuzz-short: our own driver and any compiler, some thousand inputs.
FUZZ_SECONDS ?= 20
fuzz:
	@$(MAKE) B=$(B)/fuzz CC=clang CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
		FUZZ_LINK='-fsanitize=fuzzer' fuzzers
	@fuzz/run $(B)/fuzz libfuzzer $(FUZZ_SECONDS) $(FUZZ)
fuzz-short:
	@$(MAKE) B=$(B)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all' \
		FUZZ_LINK=fuzz/driver.c fuzzers
	@fuzz/run $(B)/asan driver 2000 $(FUZZ)
fuzzers: $(FUZZ:%=$(B)/fuzz/%)
$(B)/fuzz/%: fuzz/%.c fuzz/driver.c $(B)/libkula.a
	@mkdir -p $(@D)
	@echo '  cc    $<'
	$(Q)$(CC) $(STD) $(CFLAGS) $(WARN) -Iinclude -Isrc -MMD -MP -MF $@.d $< $(FUZZ_LINK) $(B)/libkula.a $(LIBS) -o $@

bench: all $(BENCH)
	@bench/run $(B)
$(B)/bench/%: bench/%.c $(B)/libkula.a
	@mkdir -p $(@D)
	@echo '  cc    $<'
	$(Q)$(CC) $(STD) $(CFLAGS) $(WARN) -Iinclude -Isrc -MMD -MP -MF $@.d $< $(B)/libkula.a $(LIBS) -o $@

# ---- keeping in order ----

lint:
	@scripts/lint $(B)
format:
	clang-format -i $(shell git ls-files '*.c' '*.h')

# Trains the weights again. The only target that needs Python and PyTorch; see train/README.md.
model: all
	@scripts/model $(B)

# ---- installing ----

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/kula $(DESTDIR)$(PREFIX)/share/kula \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(B)/kula $(DESTDIR)$(PREFIX)/bin/kula
	install -m 644 $(B)/libkula.a $(DESTDIR)$(PREFIX)/lib/libkula.a
	install -m 755 $(B)/$(SONAME) $(DESTDIR)$(PREFIX)/lib/libkula.so.$(VERSION)
	ln -sf libkula.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libkula.so
	install -m 644 include/kula/kula.h $(DESTDIR)$(PREFIX)/include/kula/kula.h
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(LIBS)|' kula.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/kula.pc
	install -m 644 data/kula.weights $(B)/kula.know $(DESTDIR)$(PREFIX)/share/kula/
	install -d $(DESTDIR)$(PREFIX)/share/kula/join
	install -m 644 data/join/*.tsv $(DESTDIR)$(PREFIX)/share/kula/join/
	install -d $(DESTDIR)$(PREFIX)/share/kula/formats
	install -m 644 data/formats/*.tsv $(DESTDIR)$(PREFIX)/share/kula/formats/
	install -d $(DESTDIR)$(PREFIX)/share/kula/plover
	install -m 644 data/plover/*.tsv $(DESTDIR)$(PREFIX)/share/kula/plover/
	install -m 644 docs/kula.1 $(DESTDIR)$(PREFIX)/share/man/man1/kula.1
	install -m 644 scripts/completion/kula.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/kula
	install -m 644 scripts/completion/_kula $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kula
	install -m 644 scripts/completion/kula.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/kula.fish

# ---- housekeeping ----

deps:
	@scripts/deps
clean:
	rm -rf $(B)
help:
	@echo 'make             build $(B)/kula and the library'
	@echo 'make demo        install what is missing, build, read examples/ into a ledger and show what passed between two states'
	@echo 'make test        install what is missing, build, run all tests'
	@echo 'make slow        the failure tests at length (kill -9 of the writer 500 times in each way), and very large input'
	@echo 'make bench       speed and memory, as a table'
	@echo 'make install     PREFIX=$(PREFIX), DESTDIR for packagers'
	@echo 'make golden      rewrite tests/golden from what is read now'
	@echo 'make readme      put what the program prints now into README.md'
	@echo 'make lint        static analysis, kept at zero'
	@echo 'make format      clang-format on all C'
	@echo 'make sanitize    tests under AddressSanitizer and UBSan; make tsan: under ThreadSanitizer'
	@echo 'make fuzz        every door, FUZZ_SECONDS each, with clang; make fuzz-short: with any compiler'
	@echo 'make model       train the weights again (Python, hours)'
	@echo 'make clean       remove $(B)'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all readme demo test slow tests unit golden sanitize tsan fuzz fuzz-short fuzzers bench lint format model install deps clean help
.SECONDARY:
.DELETE_ON_ERROR:
