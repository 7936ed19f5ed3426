/**
 * Looking runs up in an inventory; see inventory.h. A file of its own: programs that continue saved runs
 * need no models, as making an inventory does.
 */
#include "host/directory/inventory.h"

const dg_run_place *dg_run_place_first(const dg_run_place *place, size_t count,
                                       const dg_fingerprint *run)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (dg_fingerprint_compare(&place[middle], run) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return place + low;
}

/** The first place of a run in a sorted list; NULL if there is none. */
static const dg_run_place *find(const dg_run_place *place, size_t count, const dg_fingerprint *run)
{
    if (count == 0) return NULL;
    const dg_run_place *first = dg_run_place_first(place, count, run);
    return first < place + count && dg_fingerprint_compare(first, run) == 0 ? first : NULL;
}

const dg_run_place *dg_inventory_finished(const dg_inventory *inventory, const dg_fingerprint *run)
{
    return find(inventory->finished, inventory->finished_count, run);
}

const dg_run_place *dg_inventory_begun(const dg_inventory *inventory, const dg_fingerprint *run)
{
    return find(inventory->begun, inventory->begun_count, run);
}

bool dg_inventory_needs(const dg_inventory *inventory, const dg_archive *checkpoint)
{
    for (size_t r = 0; r < inventory->begun_count; r++)
        if (inventory->begun[r].archive == checkpoint &&
            !dg_inventory_finished(inventory, &inventory->begun[r].head.id))
            return true;
    return false;
}
