/** The draws of kernels/cpu by every instruction set; see draws.h. */
#include "draws.h"

#include "kernels/backend.h"
#include "tests/vectors/draws.h"

const draws *draws_at(int k)
{
    static const draws *const all[] = {
#define SET(set) &draws_##set,
        DG_VECTOR_LIST(SET)
#undef SET
    };
    for (size_t s = 0; s < sizeof all / sizeof *all; s++)
        if (dg_backend_cpu_vector(all[s]->set) && k-- == 0) return all[s];
    return NULL;
}
