/** host/base/run_state.c: a state is read where it lies, and copied only from elsewhere. */
#include "host/base/run_state.h"
#include "tests/support/fake_devices.h"
#include "tests/support/fixture.h"

#include <criterion/criterion.h>

#include <stdlib.h>

/** A batch of one run, half-way; the caller frees both. */
static dg_batch *half_way(const dg_backend *backend, fixture_run *run)
{
    const dg_config config = fixture_config(1);
    const dg_batch_options options = {.runs = 1, .threads = 1};
    dg_batch *batch = NULL;
    *run = fixture_begin(&config);
    cr_assert_eq(backend->create(&batch, &run->shape, &options), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &run->params, run->block), DG_OK);
    cr_assert_eq(backend->advance(batch, 2, NULL), DG_OK);
    cr_assert_eq(backend->download(batch, 0, run->block), DG_OK);
    return batch;
}

static void expect_read(const dg_backend *backend, bool copied)
{
    fixture_run run;
    dg_batch *batch = half_way(backend, &run);
    void *state = NULL, *copy = NULL;
    for (int turn = 0; turn < 2; turn++) {
        cr_assert_eq(dg_run_state(&state, &copy, backend, batch, &run.shape, 0), DG_OK);
        cr_expect_eq(memcmp(state, run.block, (size_t)dg_state_bytes(&run.shape)), 0);
        cr_expect_eq(copy != NULL, copied);
        if (copied) cr_expect_eq(state, copy);
    }
    free(copy);
    backend->destroy(&batch);
    fixture_free(&run);
}

Test(run_state, of_a_cpu_is_not_copied)
{
    expect_read(dg_backend_cpu(), false);
}

Test(run_state, of_a_device_is_downloaded)
{
    expect_read(fake_backend(&(fake_settings){.devices = 1}), true);
}

/** What is made in the batch's own memory is uploaded like a copy. */
Test(run_state, made_in_its_place_goes_on_to_the_same_bytes)
{
    const dg_backend *backend = dg_backend_cpu();
    const dg_config config = fixture_config(1);
    const dg_batch_options options = {.runs = 1, .threads = 1};
    fixture_run begun = fixture_begin(&config);
    fixture_run whole = fixture_finish(&config, (fixture_how){.threads = 1});
    const size_t bytes = (size_t)dg_state_bytes(&begun.shape);
    dg_batch *batch = NULL;
    void *state = NULL, *copy = NULL;
    cr_assert_eq(backend->create(&batch, &begun.shape, &options), DG_OK);
    cr_assert_eq(dg_run_state_room(&state, &copy, backend, batch, &begun.shape, 0), DG_OK);
    memcpy(state, begun.block, bytes);
    cr_assert_eq(backend->upload(batch, 0, &begun.params, state), DG_OK);
    cr_assert_eq(backend->advance(batch, INT32_MAX, NULL), DG_OK);
    cr_assert_eq(dg_run_state(&state, &copy, backend, batch, &begun.shape, 0), DG_OK);
    cr_expect_eq(memcmp(state, whole.block, bytes), 0);
    cr_expect_null(copy);
    backend->destroy(&batch);
    fixture_free(&begun);
    fixture_free(&whole);
}
