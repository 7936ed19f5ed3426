/** Prints a summary in the requested format; see summary.h. */
#include "host/summary/summary.h"

#include "host/summary/comparison.h"
#include "host/summary/csv.h"
#include "host/summary/table.h"

dg_status dg_summary_print(FILE *file, const dg_results *results, const dg_summary_options *options)
{
    static const dg_summary_options defaults = {0};
    dg_summary summary = {.results = results, .options = options != NULL ? options : &defaults};
    dg_status status = dg_summary_make(&summary);
    if (status == DG_OK && summary.options->csv) {
        dg_summary_csv(&summary, file);
    } else if (status == DG_OK && summary.published != NULL) {
        status = dg_summary_comparison(&summary, file);
    } else if (status == DG_OK) {
        status = dg_summary_table(&summary, file);
    }
    dg_summary_free(&summary);
    return status;
}
