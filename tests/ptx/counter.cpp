/** See counter.h. One fiber runs at a time, under the emulator's lock. */
#include "counter.h"

#include <map>
#include <stdio.h>
#include <stdlib.h>
#include <utility>

namespace
{

std::vector<ptx_kernel *> &kernels(void)
{
    static auto *const all = new std::vector<ptx_kernel *>();
    return *all;
}

/* a warp of a launch: kernel, block and warp of the block; it goes when its last lane ends */
using warp_key = std::pair<ptx_kernel *, std::pair<int32_t, int32_t>>;

std::map<warp_key, ptx_warp_counter> &warps(void)
{
    static auto *const all = new std::map<warp_key, ptx_warp_counter>();
    return *all;
}

warp_key key_of_self(ptx_kernel *kernel)
{
    return {kernel, {dg_emulator_self->block, dg_emulator_self->thread / 32}};
}

void write_counts(void)
{
    const char *name = getenv("DIGICO_PTX_COUNTS");
    FILE *file = name ? fopen(name, "a") : nullptr;
    if (!file) return;
    for (const ptx_kernel *kernel : kernels()) {
        fprintf(file, "kernel %s %lld\n", kernel->name, static_cast<long long>(kernel->launches));
        for (int k = 0; k < kernel->blocks; k++) {
            if (kernel->executed[k] == 0) continue;
            fprintf(file, "block %d %lld\n", k, static_cast<long long>(kernel->executed[k]));
        }
    }
    fclose(file);
}

} // namespace

ptx_kernel::ptx_kernel(const char *mangled, int block_count)
    : name(mangled), blocks(block_count), executed(new int64_t[static_cast<size_t>(block_count)]())
{
    if (kernels().empty()) atexit(write_counts);
    kernels().push_back(this);
}

ptx_warp_counter *ptx_kernel::warp_begin(void)
{
    ptx_warp_counter &warp = warps()[key_of_self(this)];
    if (warp.blocks.empty()) warp.blocks.resize(static_cast<size_t>(blocks));
    return &warp;
}

void ptx_kernel::warp_end(ptx_warp_counter *warp)
{
    if (++warp->ended == 32) warps().erase(key_of_self(this));
}
