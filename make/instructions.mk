# Instructions of the CPU schedule, by callgrind, against those recorded in tests/instructions.txt; after a
# change that is meant to move them: make test-instructions ARGS=--record

.PHONY: test-instructions
test-instructions: $(program)
	@tests/instructions $(ARGS) $(program)
