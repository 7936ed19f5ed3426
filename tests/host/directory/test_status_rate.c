/** host/directory/status_file.c: the rate in a status file, and the error message of a call. */
#include "host/directory/status_file.h"

#include "tests/support/folders.h"

#include <criterion/criterion.h>

Test(status_rate, is_the_current_one_until_the_end)
{
    static const dg_call_state states[] = {DG_CALL_RUNNING, DG_CALL_MERGING, DG_CALL_DONE};
    static const double rates[] = {10, 10, 5.5};
    char *folder = records_folder();
    dg_status_file file;
    dg_call_report r;
    dg_progress p = {.agent_steps_planned = 10000, .runs_planned = 2};
    cr_assert_eq(dg_status_file_open(&file, folder, -1, (dg_call){.merge = false}, ""), DG_OK);
    for (int second = 0; second <= 100; second++) {
        p.seconds = second;
        p.agent_steps_done = second < 50 ? second : 50 + 10 * (second - 50);
        dg_status_file_tick(&file, &p);
    }
    for (int k = 0; k < 3; k++) {
        dg_status_file_write(&file, states[k], &p, "");
        cr_assert_eq(dg_status_file_read(&r, folder_path(folder, "status.json")), DG_OK, "%s",
                     dg_error());
        cr_expect_float_eq(r.rate, rates[k], 1e-9, "%s", dg_call_state_text(states[k]));
    }
    dg_status_file_close(&file);
    records_remove(folder);
}

/** A failure to write the status does not replace the error message of the call. */
Test(status_rate, keeps_the_error_message_of_the_call)
{
    dg_status_file file;
    cr_assert_eq(dg_status_file_open(&file, "/proc/nowhere", -1, (dg_call){.merge = false}, ""),
                 DG_OK);
    cr_assert_eq(dg_fail(DG_ERR_BACKEND, "the device is gone"), DG_ERR_BACKEND);
    dg_status_file_write(&file, DG_CALL_FAILED, &(dg_progress){.seconds = 1}, dg_error());
    dg_status_file_close(&file);
    cr_expect_str_eq(dg_error(), "the device is gone");
}
