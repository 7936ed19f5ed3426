/**
 * Runs a grid: which thread runs next, which threads wait, and what cannot happen on a device.
 *
 * Lanes of a warp run one after the other until each waits; when the last one arrives where the others
 * wait, their common operation is computed and all may continue, in another order. So a lane is as far
 * ahead of its neighbours as a primitive allows, and a warp of the others as a block barrier allows: a
 * missing barrier shows as different bytes. If the blocks of a grid need not run at the same time, few
 * of them exist at once.
 */
#include "fiber.h"
#include "internal.h"

#include <memory>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace
{

const int lanes = 32;

enum lane_state { READY, IN_WARP, IN_BLOCK, ENDED };

struct Lane {
    dg_fiber fiber;
    dg_emulator_thread self;
    lane_state state;
    struct Warp *warp;
};

struct Warp {
    Lane lane[lanes];
    struct Block *block;
    int32_t index; /* within its block */
    int ready;     /* lanes in each state */
    int waiting;
    int in_block;
    int ended;
    dg_emulator_act act; /* what the waiting lanes do together */
    const char *file;    /* and where it stands */
    int line;
    uint32_t value[lanes];
    int32_t argument[lanes];
    uint32_t result[lanes];
    int factor, shift; /* lanes go on in the order (i factor + shift) mod 32 */
    int passed;        /* lanes of this order that have had their turn */
};

struct Block {
    std::vector<Warp *> warp;
    unsigned char *shared;
    int32_t index;
    int waiting;
    int ended;
    const char *file; /* where they wait */
    int line;
};

struct Grid {
    const dg_emulator_grid *grid;
    dg_emulator_order order;
    dg_fiber host;
    std::vector<std::unique_ptr<Block>> block;
    std::vector<Warp *> warp;    /* of all blocks that exist */
    std::vector<int32_t> coming; /* blocks to come, the next one last */
    Lane *lane;                  /* who runs */
    size_t at;                   /* index of its warp */
    bool spun;                   /* somebody of this warp waits in a loop */
    int64_t idle;                /* waits in loops since anybody got anywhere */
};

Grid *now;

/* fibers stay, as making stacks is slow */
std::vector<std::unique_ptr<Warp>> &pool(void)
{
    static auto *const warps = new std::vector<std::unique_ptr<Warp>>();
    return *warps;
}

/* ---- what cannot happen on a device ---------------------------------------------------------- */

const char *name_of(dg_emulator_act act)
{
    static const char *const names[] = {"dg_warp_barrier", "dg_shuffle",    "dg_shuffle_across",
                                        "dg_ballot",       "dg_warp_least", "dg_warp_total"};
    return names[act];
}

uint32_t mask_of(const Warp *warp, lane_state state)
{
    uint32_t mask = 0;
    for (int l = 0; l < lanes; l++) mask |= (warp->lane[l].state == state ? 1u : 0u) << l;
    return mask;
}

void describe(const Warp *warp)
{
    fprintf(stderr, "  block %d warp %d:", warp->block->index, warp->index);
    if (warp->waiting) {
        fprintf(stderr, " lanes %08x in %s at %s:%d;", mask_of(warp, IN_WARP), name_of(warp->act),
                warp->file, warp->line);
    }
    if (warp->in_block) {
        fprintf(stderr, " lanes %08x in dg_block_barrier at %s:%d;", mask_of(warp, IN_BLOCK),
                warp->block->file, warp->block->line);
    }
    if (warp->ready) fprintf(stderr, " lanes %08x could go on;", mask_of(warp, READY));
    if (warp->ended) fprintf(stderr, " lanes %08x have ended;", mask_of(warp, ENDED));
    fprintf(stderr, "\n");
}

[[noreturn]] void fail(const char *what, const char *file, int line)
{
    const Lane *lane = now->lane;
    fprintf(stderr, "emulator: %s\n", what);
    fprintf(stderr, "  block %d thread %d (warp %d lane %d)", lane->self.block, lane->self.thread,
            lane->self.thread / lanes, lane->self.thread % lanes);
    if (file) fprintf(stderr, " at %s:%d", file, line);
    fprintf(stderr, "; kernel launched at %s:%d\n", now->grid->file, now->grid->line);
    size_t shown = 0;
    for (const Warp *warp : now->warp) {
        if (++shown > 16) break;
        describe(warp);
    }
    if (shown > 16) fprintf(stderr, "  ... of %zu warps\n", now->warp.size());
    abort();
}

/* ---- whose turn it is ------------------------------------------------------------------------ */

void run(Lane *next)
{
    Lane *self = now->lane;
    if (next == self) return;
    now->lane = next;
    dg_emulator_self = &next->self;
    dg_emulator_get()->counts.switches++;
    dg_fiber_switch(&self->fiber, &next->fiber);
}

Lane *lane_next(Warp *warp)
{
    while (warp->passed < lanes) {
        const int l = (warp->passed++ * warp->factor + warp->shift) % lanes;
        if (warp->lane[l].state == READY) return &warp->lane[l];
    }
    return nullptr;
}

/* an odd factor reaches every lane; 1 and 31 are up and down */
void lanes_order(Warp *warp)
{
    const uint32_t random = static_cast<uint32_t>(dg_emulator_random() >> 32);
    const bool ascending = now->order == DG_EMULATOR_ASCENDING;
    const bool descending = now->order == DG_EMULATOR_DESCENDING;
    warp->passed = 0;
    warp->factor = ascending ? 1 : descending ? lanes - 1 : static_cast<int>(random % lanes) | 1;
    warp->shift = ascending ? 0 : descending ? lanes - 1 : static_cast<int>(random >> 8) % lanes;
}

/* where to look first for a warp that can go on */
size_t warp_first(size_t count)
{
    switch (now->order) {
    case DG_EMULATOR_ASCENDING: return (now->at + 1) % count;
    case DG_EMULATOR_DESCENDING: return (now->at + count - 1) % count;
    case DG_EMULATOR_AHEAD:
        if (!now->spun && now->warp[now->at]->ready) return now->at;
        break;
    case DG_EMULATOR_RANDOM:
    case DG_EMULATOR_MIXED: break;
    }
    return dg_emulator_below(static_cast<uint32_t>(count));
}

Lane *lane_of_next_warp(void)
{
    const size_t count = now->warp.size(), first = warp_first(count);
    const size_t step = now->order == DG_EMULATOR_DESCENDING ? count - 1 : 1;
    now->spun = false;
    for (size_t i = 0, at = first; i < count; i++, at = (at + step) % count) {
        if (!now->warp[at]->ready) continue;
        now->at = at;
        lanes_order(now->warp[at]);
        return lane_next(now->warp[at]);
    }
    return nullptr;
}

/* the running lane cannot go on for now; comes back when it can */
void leave(void)
{
    Lane *next = lane_next(now->lane->warp);
    if (!next) next = lane_of_next_warp();
    if (!next) fail("nobody can go on", nullptr, 0);
    run(next);
}

/* all of a warp or block met: another order, maybe another warp */
void leave_together(void)
{
    now->idle = 0;
    now->lane->warp->passed = lanes;
    leave();
}

/* ---- blocks ---------------------------------------------------------------------------------- */

void block_begin(Block *block)
{
    block->index = now->coming.back();
    now->coming.pop_back();
    block->waiting = 0;
    block->ended = 0;
    dg_emulator_poison(block->shared, now->grid->shared_bytes);
    for (Warp *warp : block->warp) {
        warp->ready = lanes;
        warp->waiting = warp->in_block = warp->ended = 0;
        for (Lane &lane : warp->lane) {
            lane.state = READY;
            lane.self.block = block->index;
        }
    }
}

void thread_end(void)
{
    Lane *self = now->lane;
    Warp *warp = self->warp;
    Block *block = warp->block;
    if (warp->waiting) fail("a thread ends while lanes of its warp wait for it", nullptr, 0);
    if (block->waiting) fail("a thread ends while its block waits for it", nullptr, 0);
    self->state = ENDED;
    warp->ready--;
    warp->ended++;
    now->idle = 0;
    if (++block->ended == now->grid->threads && !now->coming.empty()) {
        block_begin(block);
        warp->passed = lanes;
    }
    Lane *next = lane_next(warp);
    if (!next) next = lane_of_next_warp();
    if (next) {
        run(next);
        return;
    }
    for (const auto &other : now->block) {
        if (other->ended < now->grid->threads) fail("nobody can go on", nullptr, 0);
    }
    dg_emulator_self = nullptr;
    dg_fiber_switch(&self->fiber, &now->host);
}

/* a fiber runs one thread after the other, of this grid and of later ones */
void thread_main(void)
{
    for (;;) {
        const dg_emulator_kernel *kernel = &now->grid->kernel;
        kernel->call(kernel->kernel, now->grid->argument.data());
        thread_end();
    }
}

Warp *warp_of_pool(size_t i)
{
    while (pool().size() <= i) {
        pool().push_back(std::make_unique<Warp>());
        for (Lane &lane : pool().back()->lane) {
            dg_fiber_make(&lane.fiber, thread_main);
            lane.warp = pool().back().get();
        }
    }
    return pool()[i].get();
}

void block_make(Grid *grid, size_t slot)
{
    const int32_t threads = grid->grid->threads;
    const size_t count = static_cast<size_t>(threads / lanes);
    const size_t bytes = grid->grid->shared_bytes;
    grid->block.push_back(std::make_unique<Block>());
    Block *block = grid->block.back().get();
    /* exactly as large as asked, so that AddressSanitizer sees what lies beyond */
    if (posix_memalign(reinterpret_cast<void **>(&block->shared), 16, bytes ? bytes : 1) != 0)
        abort();
    for (size_t w = 0; w < count; w++) {
        Warp *warp = warp_of_pool(slot * count + w);
        warp->block = block;
        warp->index = static_cast<int32_t>(w);
        for (int l = 0; l < lanes; l++) {
            const int32_t thread = static_cast<int32_t>(w) * lanes + l;
            warp->lane[l].self = {thread, threads, 0, block->shared};
        }
        block->warp.push_back(warp);
        grid->warp.push_back(warp);
    }
    block_begin(block);
}

/* blocks from last to first, as the next one is taken from the end */
void blocks_order(Grid *grid)
{
    const int32_t count = grid->grid->blocks;
    for (int32_t b = 0; b < count; b++) grid->coming.push_back(count - 1 - b);
    for (int32_t b = 0; b < count; b++) {
        int32_t other = b;
        if (grid->order == DG_EMULATOR_DESCENDING) other = b < count - 1 - b ? count - 1 - b : b;
        if (grid->order == DG_EMULATOR_RANDOM || grid->order == DG_EMULATOR_AHEAD) {
            other = static_cast<int32_t>(dg_emulator_below(static_cast<uint32_t>(b) + 1));
        }
        std::swap(grid->coming[static_cast<size_t>(b)], grid->coming[static_cast<size_t>(other)]);
    }
}

int32_t blocks_at_once(const Grid *grid)
{
    const int32_t some = grid->order == DG_EMULATOR_RANDOM ? 3 : 1;
    return grid->grid->together || grid->grid->blocks < some ? grid->grid->blocks : some;
}

} // namespace

const dg_emulator_thread *dg_emulator_self;

void dg_emulator_grid_run(const dg_emulator_grid *launched)
{
    Grid grid = {};
    grid.grid = launched;
    grid.order = dg_emulator_order_choose();
    now = &grid;
    blocks_order(&grid);
    for (int32_t slot = 0; slot < blocks_at_once(&grid); slot++) {
        block_make(&grid, static_cast<size_t>(slot));
    }
    Lane *first = lane_of_next_warp();
    grid.lane = first;
    dg_emulator_self = &first->self;
    dg_fiber_switch(&grid.host, &first->fiber);
    for (const auto &block : grid.block) free(block->shared);
    now = nullptr;
    dg_emulator_get()->counts.launches++;
}

/* ---- what threads do together ---------------------------------------------------------------- */

static void compute(Warp *warp)
{
    uint32_t ballot = 0, least = 0xffffffffu, total = 0;
    for (int l = 0; l < lanes; l++) {
        ballot |= (warp->value[l] ? 1u : 0u) << l;
        least = warp->value[l] < least ? warp->value[l] : least;
        total += warp->value[l];
    }
    for (int l = 0; l < lanes; l++) {
        switch (warp->act) {
        case DG_EMULATOR_BARRIER: break;
        case DG_EMULATOR_SHUFFLE: warp->result[l] = warp->value[warp->argument[l] & 31]; break;
        case DG_EMULATOR_SHUFFLE_ACROSS:
            warp->result[l] = warp->value[(l ^ warp->argument[l]) & 31];
            break;
        case DG_EMULATOR_BALLOT: warp->result[l] = ballot; break;
        case DG_EMULATOR_LEAST: warp->result[l] = least; break;
        case DG_EMULATOR_TOTAL: warp->result[l] = total; break;
        }
    }
}

uint32_t dg_emulator_together(dg_emulator_act act, uint32_t value, int32_t argument,
                              const char *file, int line)
{
    Lane *self = now->lane;
    Warp *warp = self->warp;
    const int l = self->self.thread % lanes;
    if (warp->ended) fail("a warp primitive, and lanes of the warp have ended", file, line);
    if (warp->in_block)
        fail("a warp primitive, and lanes of the warp are in dg_block_barrier", file, line);
    if (warp->waiting &&
        (warp->act != act || warp->line != line || strcmp(warp->file, file) != 0)) {
        fail("lanes of a warp are in different primitives", file, line);
    }
    warp->act = act;
    warp->file = file;
    warp->line = line;
    warp->value[l] = value;
    warp->argument[l] = argument;
    if (++warp->waiting < lanes) {
        self->state = IN_WARP;
        warp->ready--;
        now->idle = 0;
        leave();
        return warp->result[l];
    }
    compute(warp);
    warp->waiting = 0;
    warp->ready = lanes;
    for (Lane &lane : warp->lane) lane.state = READY;
    leave_together();
    return warp->result[l];
}

void dg_emulator_block_barrier(const char *file, int line)
{
    Lane *self = now->lane;
    Block *block = self->warp->block;
    if (self->warp->waiting)
        fail("dg_block_barrier, and lanes of the warp wait elsewhere", file, line);
    if (block->ended) fail("dg_block_barrier, and threads of the block have ended", file, line);
    if (block->waiting && (block->line != line || strcmp(block->file, file) != 0)) {
        fail("threads of a block are in different dg_block_barrier", file, line);
    }
    block->file = file;
    block->line = line;
    if (++block->waiting < now->grid->threads) {
        self->state = IN_BLOCK;
        self->warp->ready--;
        self->warp->in_block++;
        now->idle = 0;
        leave();
        return;
    }
    block->waiting = 0;
    for (Warp *warp : block->warp) {
        warp->in_block = 0;
        warp->ready = lanes;
        for (Lane &lane : warp->lane) lane.state = READY;
    }
    leave_together();
}

void dg_emulator_spin(const char *file, int line)
{
    const int64_t patience = 1000 + 64 * static_cast<int64_t>(now->warp.size()) * lanes;
    if (++now->idle > patience) fail("a loop waits for what never comes", file, line);
    now->spun = true;
    leave();
}

void dg_emulator_between(void)
{
    if (now->order == DG_EMULATOR_RANDOM && dg_emulator_below(4) == 0) leave();
}
