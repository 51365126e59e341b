# mlc - the calculator for the calculus of machine learning
#
# make demo    build and run the tour          make check   build and run the tests
# make help    all targets

MODE    ?= release
OUT     ?= build/$(MODE)
PREFIX  ?= /usr/local
CC      ?= cc
VERSION := 0.1.0

CSTD := -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc -I$(OUT) -DMLC_VERSION='"$(VERSION)"'
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wconversion $(WERROR)
FLAGS_debug   := -Og -g
FLAGS_release := -O2 -ffp-contract=off -DNDEBUG
FLAGS_asan    := -O1 -g -ffp-contract=off -fsanitize=address,undefined -fno-omit-frame-pointer
FLAGS_ubsan   := -O1 -g -ffp-contract=off -fsanitize=undefined -fno-sanitize-recover=undefined
FLAGS_oom     := -O1 -g -ffp-contract=off -DMLC_OOM_BUILD -fsanitize=address,undefined -fno-omit-frame-pointer
FLAGS := $(FLAGS_$(MODE))
LIBS  := -lgmp -ldl -lm -pthread

SRC := $(sort $(wildcard src/*/*.c))
OBJ := $(SRC:%.c=$(OUT)/%.o) $(OUT)/parser.o $(OUT)/lexer.o $(OUT)/library.o
LIB := $(filter-out $(OUT)/src/repl/%,$(OBJ))
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

.PHONY: all need demo check check-scripts check-unit check-asan check-ubsan \
        check-oom check-valgrind bench format lint layers sizes index \
        install clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(if $(filter release,$(MODE)),build/mlc,$(OUT)/mlc)

# The newest release build always stands at build/mlc.
build/mlc: build/release/mlc
	@ln -f $< $@ 2>/dev/null || cp -f $< $@

$(OUT)/mlc: $(OUT)/src/main.o $(OBJ)
	$(CC) $(FLAGS) -o $@ $^ -lreadline $(LIBS)

$(OUT)/libmlc.a: $(LIB)
	@rm -f $@
	ar rcs $@ $^

$(OUT)/src/%.o: src/%.c | $(OUT)/parser.h
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(FLAGS) -MMD -MP -c -o $@ $<

$(OUT)/%.o: $(OUT)/%.c
	$(CC) $(CSTD) $(FLAGS) -MMD -MP -c -o $@ $<

$(OUT)/parser.c $(OUT)/parser.h &: grammar/parser.y
	@mkdir -p $(OUT)
	bison -Wall -Werror -Wcounterexamples --header=$(OUT)/parser.h -o $(OUT)/parser.c $<

$(OUT)/lexer.c: grammar/lexer.l $(OUT)/parser.h
	flex -o $@ $<

# Which file of the standard library defines which name.
$(OUT)/library.c: tests/tools/library.awk $(wildcard stdlib/*.mlc stdlib/*/*.mlc)
	@mkdir -p $(OUT)
	awk -f tests/tools/library.awk $(sort $(wildcard stdlib/*.mlc stdlib/*/*.mlc)) > $@

$(OUT)/unit/%: tests/unit/%.c $(OUT)/libmlc.a
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(FLAGS) -Itests/unit -MMD -MP -o $@ $< $(OUT)/libmlc.a $(LIBS)

-include $(OBJ:.o=.d) $(OUT)/src/main.d $(UNIT:=.d)
