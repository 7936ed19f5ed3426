/** host/directory/status_file.c, host/base/json.c: writing a status file and reading it back. */
#include "host/config/tree.h"
#include "host/base/files.h"
#include "host/base/json.h"
#include "host/archive/provenance.h"
#include "host/directory/status_file.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static void set_up(void)
{
    strcpy(folder, "/tmp/digico-status-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "/bin/rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(status_file, .init = set_up, .fini = tear_down);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

/** Path of a name in the folder, valid until the next call. */
static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const dg_progress some = {.agent_steps_done = 300,
                                 .agent_steps_planned = 1000,
                                 .agent_steps_kept = 100,
                                 .runs_done = 3,
                                 .runs_planned = 10,
                                 .runs_kept = 1,
                                 .seconds = 2};

Test(status_file, is_read_back_as_it_was_written)
{
    dg_status_file file;
    dg_call_report r;
    const dg_call call = {{2, 8}, false};
    OK(dg_status_file_open(&file, folder, -1, call, "cuda:0 NVIDIA H100"));
    dg_status_file_saved(&file);
    dg_status_file_write(&file, DG_CALL_STOPPED, &some, "stopped: \"3\" of 10\n");
    dg_status_file_close(&file);
    OK(dg_status_file_read(&r, in_folder("status-2-of-8.json")));
    cr_expect_eq(r.state, DG_CALL_STOPPED);
    cr_expect(r.call.shard.index == 2 && r.call.shard.count == 8 && !r.call.merge);
    cr_expect(r.runs_done == 3 && r.runs_planned == 10);
    cr_expect(r.agent_steps_done == 300 && r.agent_steps_planned == 1000);
    cr_expect_float_eq(r.rate, 100, 1e-9); /* without the work of earlier calls */
    cr_expect_float_eq(r.seconds_left, 7, 1e-9);
    cr_expect_str_eq(r.devices, "cuda:0 NVIDIA H100");
    cr_expect_str_eq(r.message, "stopped: \"3\" of 10\n");
    cr_expect_eq(r.process, getpid());
    cr_expect(dg_seconds_since(r.checkpoint) < 60 && dg_seconds_since(r.updated) < 60);
}

Test(status_file, has_a_name_for_every_call)
{
    static const dg_call call[] = {{{0, 0}, false}, {{0, 0}, true}, {{1, 1}, false}};
    static const char *const name[] = {"status.json", "status-merge.json", "status-1-of-1.json"};
    for (int k = 0; k < 3; k++) {
        dg_status_file file;
        OK(dg_status_file_open(&file, folder, -1, call[k], ""));
        cr_expect_not(dg_file_exists(in_folder(name[k])), "opening writes nothing");
        dg_status_file_write(&file, DG_CALL_DONE, &some, "");
        cr_expect(dg_file_exists(in_folder(name[k])), "%s", name[k]);
        dg_status_file_close(&file);
    }
}

Test(status_file, ticks_write_once_a_second)
{
    dg_status_file file;
    OK(dg_status_file_open(&file, folder, -1, (dg_call){.merge = false}, ""));
    dg_status_file_tick(&file, &some);
    cr_expect(dg_file_exists(in_folder("status.json")), "the first at once");
    unlink(in_folder("status.json"));
    dg_status_file_tick(&file, &some);
    cr_expect_not(dg_file_exists(in_folder("status.json")));
    usleep(1050000);
    dg_status_file_tick(&file, &some);
    cr_expect(dg_file_exists(in_folder("status.json")));
    dg_status_file_close(&file);
}

Test(status_file, a_merge_is_written_at_once)
{
    dg_status_file file;
    dg_call_report r;
    OK(dg_status_file_open(&file, folder, -1, (dg_call){.merge = false}, ""));
    dg_status_file_tick(&file, &some);
    dg_status_file_merging(&file);
    dg_status_file_tick(&file, &some);
    dg_status_file_close(&file);
    OK(dg_status_file_read(&r, in_folder("status.json")));
    cr_expect_eq(r.state, DG_CALL_MERGING);
}

Test(status_file, failures_to_write_are_ignored)
{
    dg_status_file file;
    OK(dg_status_file_open(&file, "/proc/nowhere", -1, (dg_call){.merge = false}, ""));
    dg_status_file_tick(&file, &some);
    dg_status_file_write(&file, DG_CALL_DONE, &some, "");
    dg_status_file_close(&file);
    dg_status_file_close(&file);
}

Test(status_file, other_files_are_refused)
{
    static const char *const text[] = {"", "{", "[1, 2]", "{\"state\": \"asleep\"}", "{}", "\xff"};
    dg_call_report r;
    for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
        OK(dg_file_replace(in_folder("status.json"), text[k], false));
        cr_expect_eq(dg_status_file_read(&r, in_folder("status.json")), DG_ERR_IO, "%s", text[k]);
        cr_expect(strstr(dg_error(), "status.json") != NULL, "%s", dg_error());
    }
    cr_expect_eq(dg_status_file_read(&r, in_folder("absent.json")), DG_ERR_IO);
}

Test(status_file, missing_members_have_defaults)
{
    dg_call_report r;
    OK(dg_file_replace(in_folder("status.json"), "{\"state\": \"running\", \"seconds_left\": null}",
                       false));
    OK(dg_status_file_read(&r, in_folder("status.json")));
    cr_expect(isnan(r.seconds_left) && isnan(r.rate));
    cr_expect_str_eq(r.host, "");
}

Test(status_file, ages_are_seconds_since_a_date)
{
    char now[32];
    cr_expect(dg_seconds_since(dg_now(now, sizeof now)) <= 1);
    cr_expect(dg_seconds_since("2001-09-09T01:46:40Z") > 7e8);
    cr_expect_eq(dg_seconds_since("9999-01-01T00:00:00Z"), 0);
    cr_expect(isnan(dg_seconds_since("")));
    cr_expect(isnan(dg_seconds_since("2001-09-09T01:46:40Z and more")));
}

/* ---- JSON, read as YAML ---------------------------------------------------------------------- */

/** The text of a member after writing and reading it; valid until the next call. */
static const char *round_trip(const char *text, char **written)
{
    static dg_pool pool;
    dg_json json;
    dg_node *root = NULL;
    size_t size = 0;
    dg_pool_free(&pool);
    free(*written);
    FILE *file = open_memstream(written, &size);
    dg_json_open(&json, file, NULL);
    dg_json_text(&json, "text", text);
    dg_json_close(&json);
    fclose(file);
    OK(dg_tree_parse(&root, &pool, "a.json", 0, *written, size));
    return root->first->text;
}

Test(status_file, texts_are_read_back_unchanged)
{
    static const char *const text[] = {"",
                                       "plain",
                                       "a \"quote\" and a \\",
                                       "tab\t, line\n, bell\a, delete\x7f",
                                       "Ünïcode, 日本, \xf0\x9f\x90\x9f",
                                       "next line \xc2\x85, end \xef\xbf\xbd"};
    char *written = NULL;
    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        cr_expect_str_eq(round_trip(text[k], &written), text[k]);
    free(written);
}

Test(status_file, bytes_that_are_not_utf8_are_replaced)
{
    static const struct {
        const char *text, *read;
    } test[] = {{"caf\xe9", "caf\xef\xbf\xbd"}, /* Latin-1 */
                {"cut \xf0\x9f\x90", "cut \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"}, /* too long a form of `/` */
                {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}}; /* half a pair */
    char *written = NULL;
    for (size_t k = 0; k < sizeof test / sizeof *test; k++)
        cr_expect_str_eq(round_trip(test[k].text, &written), test[k].read);
    free(written);
}
