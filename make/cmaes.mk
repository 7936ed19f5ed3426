# build/bench-cmaes: the engine's sep-CMA-ES on test functions, for bench/peers/cmaes.py.

cmaes_objects := $(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/cmaes/*.c))

.PHONY: bench-cmaes
bench-cmaes: $(BUILD)/bench-cmaes

$(BUILD)/bench-cmaes: $(cmaes_objects) $(library)
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) $(LDFLAGS) $^ -o $@ $(LIBS)

-include $(cmaes_objects:.o=.d)
