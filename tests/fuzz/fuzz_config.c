/**
 * Random bytes as a configuration and overrides: nothing may crash, leak or hang, a refusal is one
 * line, and what is accepted prints as a file that loads to the same run.
 *
 * Input: the file, then up to four overrides, separated by bytes of value 1.
 */
#include "host/config/config.h"

#include <stdlib.h>
#include <string.h>

enum { OVERRIDES = 4, RUNS = 500, CHECKED = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
    if (!truth) abort();
}

static void check_refusal(dg_status status, const dg_experiment *experiment)
{
    require(status == DG_ERR_CONFIG && experiment == NULL);
    require(dg_error()[0] != '\0' && strchr(dg_error(), '\n') == NULL);
}

static void check_text(const dg_config *run, dg_config_writer *write)
{
    char *text = NULL;
    dg_experiment *again = NULL;
    require(dg_config_text(&text, run, write) == DG_OK);
    require(dg_experiment_parse(&again, "again", text, strlen(text), NULL, 0) == DG_OK);
    require(dg_experiment_runs(again) == 1);
    const dg_config read = dg_run_config(again, 0);
    require(memcmp(&read, run, sizeof *run) == 0);
    dg_experiment_free(&again);
    free(text);
}

static void check_run(const dg_config *run)
{
    check_text(run, dg_config_write);
    check_text(run, dg_config_write_differences);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *override[OVERRIDES];
    size_t count = 0;
    dg_experiment *experiment = NULL;
    char *text = malloc(size + 1);
    require(text != NULL);
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    char *at = memchr(text, 1, size);
    const size_t length = at ? (size_t)(at - text) : size;
    for (; at && count < OVERRIDES; at = strchr(at, 1)) {
        *at++ = '\0';
        override[count++] = at;
    }
    dg_runs_limit = RUNS;
    const dg_status status =
        dg_experiment_parse(&experiment, "fuzz", text, length, override, count);
    if (status != DG_OK)
        check_refusal(status, experiment);
    else
        for (size_t run = 0; run < experiment->runs && run < CHECKED; run++) {
            const dg_config config = dg_run_config(experiment, run);
            check_run(&config);
        }
    dg_experiment_free(&experiment);
    free(text);
    return 0;
}
