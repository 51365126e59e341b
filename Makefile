# mlc - the calculator for the calculus of machine learning
#
# make demo    build and run the tour          make check   build and run the tests
# make help    all targets

MODE    ?= release
OUT     ?= build/$(MODE)
PREFIX  ?= /usr/local
CC      ?= cc
VERSION := 0.1.0

Q := $(if $(V),,@)

CSTD := -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc -I$(OUT) -DMLC_VERSION='"$(VERSION)"'
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wconversion $(WERROR)
FLAGS_debug   := -Og -g
FLAGS_release := -O2 -ffp-contract=off -fno-math-errno -DNDEBUG
FLAGS_asan    := -O1 -g -ffp-contract=off -fsanitize=address,undefined -fno-omit-frame-pointer
FLAGS_ubsan   := -O1 -g -ffp-contract=off -fsanitize=undefined -fno-sanitize-recover=undefined
FLAGS_oom     := -O1 -g -ffp-contract=off -DMLC_OOM_BUILD -fsanitize=address,undefined -fno-omit-frame-pointer
# Builds for narrower vectors, whose results are those of a release.
FLAGS_avx2    := $(FLAGS_release) -DMLC_WIDTH=256
FLAGS_sse2    := $(FLAGS_release) -DMLC_WIDTH=128
FLAGS := $(FLAGS_$(MODE))
LIBS  := -lgmp -ldl -lm -pthread

SRC := $(sort $(wildcard src/*/*.c))
OBJ := $(SRC:%.c=$(OUT)/%.o) $(OUT)/parser.o $(OUT)/lexer.o $(OUT)/library.o $(OUT)/c99.o
LIB := $(filter-out $(OUT)/src/repl/% $(OUT)/src/tool/%,$(OBJ))
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

.PHONY: all need demo check check-scripts check-unit check-asan check-ubsan \
        check-oom check-peers course course-answers check-widths check-valgrind check-random bench format lint layers sizes index \
        install uninstall clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(if $(filter release,$(MODE)),build/mlc,$(OUT)/mlc)

# The newest release build always stands at build/mlc.
build/mlc: build/release/mlc
	@ln -f $< $@ 2>/dev/null || cp -f $< $@

$(OUT)/mlc: $(OUT)/src/main.o $(OBJ)
	@echo '  link $@'
	$(Q)$(CC) $(FLAGS) -o $@ $^ -lreadline $(LIBS)

$(OUT)/libmlc.a: $(LIB)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(OUT)/src/%.o: src/%.c | $(OUT)/parser.h
	@mkdir -p $(@D)
	@echo '  cc   $<'
	$(Q)$(CC) $(CSTD) $(WARN) $(FLAGS) -MMD -MP -c -o $@ $<

$(OUT)/%.o: $(OUT)/%.c
	$(Q)$(CC) $(CSTD) $(FLAGS) -MMD -MP -c -o $@ $<

$(OUT)/parser.c $(OUT)/parser.h &: grammar/parser.y
	@mkdir -p $(OUT)
	$(Q)bison -Wall -Werror -Wcounterexamples --header=$(OUT)/parser.h -o $(OUT)/parser.c $<

$(OUT)/lexer.c: grammar/lexer.l $(OUT)/parser.h
	$(Q)flex -o $@ $<

# Which file of the standard library defines which name.
$(OUT)/library.c: tests/tools/library.awk $(wildcard stdlib/*.mlc stdlib/*/*.mlc)
	@mkdir -p $(OUT)
	$(Q)awk -f tests/tools/library.awk $(sort $(wildcard stdlib/*.mlc stdlib/*/*.mlc)) > $@

# What generated C brings along, as text.
$(OUT)/c99.c: tests/tools/embed.awk src/compile/c99.inc src/num/special.c
	@mkdir -p $(OUT)
	$(Q)awk -f $^ > $@

$(OUT)/unit/%: tests/unit/%.c $(OUT)/libmlc.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) $(FLAGS) -Itests/unit -MMD -MP -o $@ $< $(WRAP) $(OUT)/libmlc.a $(LIBS)

# Every run of a program goes through all engines (tests/engines/engines.c).
ENGINES := $(OUT)/tests/engines/engines.o -Wl,--wrap=vm_start

$(OUT)/unit/test_random $(OUT)/unit/test_random_arrays: WRAP = $(ENGINES)
$(OUT)/unit/test_random $(OUT)/unit/test_random_arrays: $(OUT)/tests/engines/engines.o

$(OUT)/tests/%.o: tests/%.c | $(OUT)/parser.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(WARN) $(FLAGS) -MMD -MP -c -o $@ $<

# Plays scripts on a terminal: tests/program/terminal/.
$(OUT)/pty: tests/tools/pty.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(WARN) $(FLAGS) -o $@ $<

$(OUT)/mlc-engines: $(OUT)/src/main.o $(OBJ) $(OUT)/tests/engines/engines.o
	@echo '  link $@'
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %main.o,$^) $(OBJ) $(ENGINES) -lreadline $(LIBS)

-include $(OBJ:.o=.d) $(OUT)/src/main.d $(UNIT:=.d) $(OUT)/tests/engines/engines.d

# ---- targets for people ----

# Looks for what a build and a run need, and installs it where it may.
need:
	@sh tests/tools/need.sh

demo: need
	@$(MAKE) --no-print-directory all
	build/mlc examples/tour.mlc

# Unit tests and scripts; the last line counts them.
check: need
	@$(MAKE) --no-print-directory all $(UNIT) $(OUT)/libmlc.a $(OUT)/mlc-engines $(OUT)/pty
	@sh tests/tools/check.sh $(OUT)

check-unit: $(UNIT)
	@sh tests/tools/check.sh $(OUT) unit

check-scripts: all $(OUT)/mlc-engines $(OUT)/pty
	@sh tests/tools/check.sh $(OUT) scripts

check-asan:
	$(MAKE) MODE=asan check-mode

check-ubsan:
	$(MAKE) MODE=ubsan check-mode

.PHONY: check-mode
check-mode: $(OUT)/mlc $(OUT)/mlc-engines $(OUT)/pty $(UNIT)
	@MLC=$(OUT)/mlc sh tests/tools/check.sh $(OUT)

# 100,000 random expressions and 20,000 functions of arrays, every way to their
# values and derivatives.
check-random: $(OUT)/unit/test_random $(OUT)/unit/test_random_arrays
	@$(OUT)/unit/test_random 100000 | tee $(OUT)/random.log
	@$(OUT)/unit/test_random_arrays 20000 | tee -a $(OUT)/random.log
	@echo "$$(grep -c '^ok ' $(OUT)/random.log) passed," \
	      "$$(grep -c '^not ok ' $(OUT)/random.log) failed"

# The lessons of the course, a line each.
course:
	@$(MAKE) --no-print-directory $(OUT)/mlc >&2
	@sh tests/tools/course.sh $(OUT)/mlc

# The answers to the problems of the course, a line of JSON each.
course-answers:
	@$(MAKE) --no-print-directory $(OUT)/mlc >&2
	@sh tests/course/answers.sh $(OUT)/mlc

# The digits of all programs in builds for each width of vector registers.
# Fits beside those of R and scikit-learn, where they are installed.
check-peers: $(OUT)/mlc
	@sh tests/peers/compare.sh $(OUT)/mlc

check-widths:
	@for mode in release avx2 sse2; do \
	    $(MAKE) --no-print-directory MODE=$$mode build/$$mode/mlc-engines || exit 1; \
	done
	@sh tests/tools/widths.sh build/release build/avx2 build/sse2

check-valgrind: $(OUT)/mlc
	sh tests/tools/valgrind.sh $(OUT)/mlc

check-oom:
	$(MAKE) MODE=oom build/oom/mlc
	sh tests/tools/oom.sh build/oom/mlc

# Times against the peers found on the machine; ONLY=name for one row.
bench:
	@$(MAKE) --no-print-directory MODE=release all build/release/libmlc.a
	@sh tests/bench/bench.sh $(ONLY)

format:
	clang-format -i $(wildcard src/*.[ch] src/*/*.[ch] tests/unit/*.[ch])

# Includes point up the list of folders; sizes of files and functions; a toy
# operator is added by one row and must pass every test of a row.
lint: layers sizes
	sh tests/tools/toy_operator.sh

layers:
	@sh tests/tools/layers.sh

sizes:
	@sh tests/tools/sizes.sh

index:
	@sh tests/tools/index.sh

# What install puts where, below PREFIX: bin, the library, the manual page,
# completions for bash, zsh and fish.
SHARE := $(DESTDIR)$(PREFIX)/share
BASH_FOLDER := $(SHARE)/bash-completion/completions
ZSH_FOLDER := $(SHARE)/zsh/site-functions
FISH_FOLDER := $(SHARE)/fish/vendor_completions.d

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/mlc $(SHARE)/man/man1 \
	    $(BASH_FOLDER) $(ZSH_FOLDER) $(FISH_FOLDER)
	install -m 755 $(if $(filter release,$(MODE)),build/release,$(OUT))/mlc $(DESTDIR)$(PREFIX)/bin/mlc
	rm -rf $(SHARE)/mlc/stdlib $(SHARE)/mlc/examples
	install -d $(SHARE)/mlc/examples
	cp -R stdlib $(SHARE)/mlc/
	cp -R examples/course examples/data $(SHARE)/mlc/examples/
	chmod -R u+rwX,go+rX $(SHARE)/mlc
	install -m 644 share/man/man1/mlc.1 $(SHARE)/man/man1/mlc.1
	install -m 644 share/completions/mlc.bash $(BASH_FOLDER)/mlc
	install -m 644 share/completions/_mlc $(ZSH_FOLDER)/_mlc
	install -m 644 share/completions/mlc.fish $(FISH_FOLDER)/mlc.fish

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/mlc $(SHARE)/man/man1/mlc.1 \
	    $(BASH_FOLDER)/mlc $(ZSH_FOLDER)/_mlc $(FISH_FOLDER)/mlc.fish
	rm -rf $(SHARE)/mlc

clean:
	rm -rf build

help:
	@echo 'make              build/mlc, the release build'
	@echo 'make demo         builds and runs examples/tour.mlc'
	@echo 'make check        all tests that need no special build'
	@echo 'make check-asan   the tests under address and undefined sanitizers'
	@echo 'make check-ubsan  the tests under the undefined sanitizer alone'
	@echo 'make check-oom    every allocation fails once, in three scripts'
	@echo 'make check-peers      fits beside those of R and scikit-learn, where they are installed'
	@echo 'make check-widths     the digits of builds for AVX-512, AVX2 and SSE2 are the same'
	@echo 'make check-valgrind   short scripts under valgrind'
	@echo 'make check-random     120,000 random functions, all ways to their derivatives'
	@echo 'make bench        times beside those of the peers found here, ONLY=name'
	@echo 'make course       the lessons of examples/course, a line each'
	@echo 'make course-answers  id and answer of each problem of the course'
	@echo 'make lint         layers, sizes, a toy operator added by one row'
	@echo 'make format       clang-format over the C files'
	@echo 'make install      PREFIX=/usr/local DESTDIR=; also uninstall'
	@echo 'make clean        removes build/'
	@echo 'MODE=debug|release|asan|ubsan|oom|avx2|sse2, CC=gcc|clang, WERROR=-Werror'
