#include "fiber.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define DG_FIBER_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define DG_FIBER_ASAN 1
#endif

#ifdef DG_FIBER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

/* frames are several times larger under AddressSanitizer; pages that nobody touches cost nothing */
static const size_t stack_bytes = 256 * 1024;

static dg_fiber *left; /* who switched last */

static void (*first)(void);

/* tell AddressSanitizer which stack is current; what it hands back is the stack that was left */
static void announce(dg_fiber *from, const dg_fiber *to)
{
    left = from;
#ifdef DG_FIBER_ASAN
    __sanitizer_start_switch_fiber(&from->fake, to->bottom, to->bytes);
#else
    (void)to;
#endif
}

static void arrive(void *fake)
{
#ifdef DG_FIBER_ASAN
    __sanitizer_finish_switch_fiber(fake, &left->bottom, &left->bytes);
#else
    (void)fake;
#endif
}

static void begin(void)
{
    arrive(nullptr);
    first();
    abort();
}

/* a stack between two pages that may not be touched */
static char *stack_make(void)
{
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void *room = mmap(nullptr, stack_bytes + 2 * page, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    char *stack = static_cast<char *>(room) + page;
    if (room == MAP_FAILED || mprotect(stack, stack_bytes, PROT_READ | PROT_WRITE) != 0) {
        perror("emulator: no room for another thread");
        abort();
    }
    return stack;
}

#if defined(__x86_64__)

/* callee-saved registers onto the own stack, the stack pointer to *save; then the same backwards */
extern "C" void dg_fiber_swap(void **save, void *to);
asm(R"(
        .text
        .p2align 4
        .globl dg_fiber_swap
        .hidden dg_fiber_swap
        .type dg_fiber_swap, @function
dg_fiber_swap:
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        movq %rsp, (%rdi)
        movq %rsi, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret
        .size dg_fiber_swap, .-dg_fiber_swap
)");

static void prepare(dg_fiber *fiber, char *stack)
{
    /* six registers, where to return to, and a caller of begin() that does not exist */
    void **top = reinterpret_cast<void **>(stack + stack_bytes) - 8;
    top[6] = reinterpret_cast<void *>(begin);
    fiber->place = top;
}

static void swap(dg_fiber *from, dg_fiber *to)
{
    dg_fiber_swap(&from->place, to->place);
}

#else
#include <ucontext.h>

/* slower, as each switch asks the system for the signal mask */
static ucontext_t *context_of(dg_fiber *fiber)
{
    if (!fiber->place) fiber->place = calloc(1, sizeof(ucontext_t));
    return static_cast<ucontext_t *>(fiber->place);
}

static void prepare(dg_fiber *fiber, char *stack)
{
    ucontext_t *context = context_of(fiber);
    getcontext(context);
    context->uc_stack.ss_sp = stack;
    context->uc_stack.ss_size = stack_bytes;
    makecontext(context, begin, 0);
}

static void swap(dg_fiber *from, dg_fiber *to)
{
    swapcontext(context_of(from), context_of(to));
}

#endif

void dg_fiber_make(dg_fiber *fiber, void (*entry)(void))
{
    char *stack = stack_make();
    fiber->bottom = stack;
    fiber->bytes = stack_bytes;
    first = entry;
    prepare(fiber, stack);
}

void dg_fiber_switch(dg_fiber *from, dg_fiber *to)
{
    announce(from, to);
    swap(from, to);
    arrive(from->fake);
}
