/** kernels/science/state.h: where the fields of a state lie. */
#include "tests/support/fixture.h"

#include <criterion/criterion.h>

#include <stdlib.h>

Test(state, every_field_says_what_computes_it)
{
#define CHECK_FIELD(type, name, elements, meaning)                                                 \
    cr_assert_not_null(strstr(meaning, " dg_"), #name ": %s", meaning);                            \
    cr_assert_not_null(strstr(meaning, "()"), #name ": %s", meaning);
    DG_STATE_FIELDS(CHECK_FIELD)
#undef CHECK_FIELD
}

Test(state, fields_follow_one_another_on_cache_lines)
{
    const dg_config c = fixture_config(1);
    dg_shape shape;
    dg_config_shape(&c, &shape);
    const dg_shape *s = &shape;
    char *block = fixture_memory(dg_state_bytes(s)), *end = block;
    const dg_state st = dg_state_at(s, block);
#define CHECK_FIELD(type, name, elements, meaning)                                                 \
    cr_assert_eq((char *)st.name, end, #name " is not where the last field ends");                 \
    cr_assert_eq((uintptr_t)st.name % 64, 0, #name " is not aligned");                             \
    end += dg_round_up((int64_t)sizeof(type) * (elements), 64);
    DG_STATE_FIELDS(CHECK_FIELD)
#undef CHECK_FIELD
    cr_assert_eq(end - block, dg_state_bytes(s));
    free(block);
}
