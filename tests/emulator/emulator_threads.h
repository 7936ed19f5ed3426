/** What the primitives of emulator.h ask of grid.cpp and runtime.cpp. */
#ifndef DG_EMULATOR_THREADS_H
#define DG_EMULATOR_THREADS_H

#include <cuda_runtime.h>

/** What a thread knows of itself. */
struct dg_emulator_thread {
    int32_t thread;
    int32_t threads;
    int32_t block;
    unsigned char *shared;
};

/** The thread that runs now; one at a time. */
extern const dg_emulator_thread *dg_emulator_self;

/** What the lanes of a warp do together. */
enum dg_emulator_act {
    DG_EMULATOR_BARRIER,
    DG_EMULATOR_SHUFFLE,
    DG_EMULATOR_SHUFFLE_ACROSS,
    DG_EMULATOR_BALLOT,
    DG_EMULATOR_LEAST,
    DG_EMULATOR_TOTAL
};

uint32_t dg_emulator_together(dg_emulator_act act, uint32_t value, int32_t argument,
                              const char *file, int line);
void dg_emulator_block_barrier(const char *file, int line);

/** Let others go on: a loop that waits, or (maybe) a place where another block may come between. */
void dg_emulator_spin(const char *file, int line);
void dg_emulator_between(void);

/** A kernel with its argument bound. */
struct dg_emulator_kernel {
    const void *kernel;
    void (*call)(const void *kernel, const void *argument);
    const void *argument; /* copied by dg_emulator_launch(), as a launch does */
    size_t argument_bytes;
};

cudaError_t dg_emulator_launch(const dg_emulator_kernel *kernel, int64_t blocks, int32_t threads,
                               int64_t shared_bytes, bool together, cudaStream_t stream,
                               const char *file, int line);

#endif
