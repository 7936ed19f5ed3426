# Tests. Each tests/<folder>/test_<stem>.c is a Criterion program of its own; other sources of these
# folders help them. tests/include/ compiles the public header as C and as C++ and links the library.

test_folders := tests/kernels tests/host tests/cli
test_sources := $(wildcard $(test_folders:%=%/test_*.c))
help_sources := $(filter-out $(test_sources),$(wildcard $(test_folders:%=%/*.c) tests/support/*.c))
test_programs := $(test_sources:%.c=$(BUILD)/%)
help_objects  := $(help_sources:%.c=$(BUILD)/%.o)
header_tests  := $(patsubst %,$(BUILD)/tests/include/header_%,\
    $(patsubst .%,%,$(suffix $(wildcard tests/include/header.c tests/include/header.cpp))))

$(BUILD)/tests/%.o: INCLUDES += $(shell pkg-config --cflags criterion)
# Criterion's macros leave fields out and shadow their own temporaries
$(test_programs:%=%.o): PRIVATE_FLAGS = -Wno-missing-field-initializers

$(test_programs): $(BUILD)/%: $(BUILD)/%.o $(help_objects) $(library)
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) $(LDFLAGS) $^ -o $@ $(LIBS) $(shell pkg-config --libs criterion)

$(BUILD)/tests/include/header_c: tests/include/header.c $(library)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(COMMON) $(WARN) -Iinclude $< $(library) -o $@ $(LIBS)

$(BUILD)/tests/include/header_cpp: tests/include/header.cpp $(library)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++17 $(COMMON) $(WARN) -Iinclude $< $(library) -o $@ $(LIBS)

# keep the objects: else make removes them as intermediate and `search=` relinks from scratch
.SECONDARY: $(test_programs:%=%.o) $(help_objects)

.PHONY: tests check test
tests: $(program) $(test_programs) $(header_tests)

# build and run, no set-up
check: tests
	@DIGICO=$(program) tests/run '$(search)' $(header_tests) $(test_programs)

# a second make, because set-up may bring the libraries that the first one did not find
test:
	@tools/setup test
	@$(MAKE) $(parallel) --no-print-directory check

# clang's OpenMP runtime tells the thread sanitizer of its locks through an OMPT tool, archer, which it
# loads by itself; gcc's runtime has none and would drown in false alarms
.PHONY: race race-run
race:
	@$(MAKE) $(parallel) --no-print-directory CC=clang TSAN=1 race-run

race-run: $(program) $(header_tests)
	tests/race $(program)
