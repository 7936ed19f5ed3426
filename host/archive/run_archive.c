/** Runs in an archive; see run_archive.h. */
#include "host/archive/run_archive.h"

#include <stdlib.h>
#include <string.h>

dg_status dg_run_add(dg_archive_writer *writer, uint32_t index, const dg_run_head *head,
                     const void *const part[DG_PARTS])
{
    DG_TRY(dg_archive_add(writer, DG_PART_HEAD, index, head, sizeof *head, false));
    for (uint32_t p = DG_PART_STATE; p < DG_PARTS; p++)
        if (head->bytes[p] > 0)
            DG_TRY(dg_archive_add(writer, p, index, part[p], head->bytes[p], p != DG_PART_STATE));
    return DG_OK;
}

/* ---- finding --------------------------------------------------------------------------------- */

/** The section of a part of the run whose head is section `at`; NULL if it is missing. */
static const dg_archive_section *section_of(const dg_archive *a, size_t at, uint32_t part)
{
    const uint32_t index = a->section[at].index;
    for (size_t k = at + 1; k < a->sections && a->section[k].tag != DG_PART_HEAD; k++)
        if (a->section[k].tag == part && a->section[k].index == index) return &a->section[k];
    return NULL;
}

static bool has_all_parts(const dg_archive *a, size_t at, const dg_run_head *head)
{
    for (uint32_t p = DG_PART_STATE; p < DG_PARTS; p++) {
        const dg_archive_section *s = head->bytes[p] > 0 ? section_of(a, at, p) : NULL;
        if (head->bytes[p] > 0 && (!s || s->bytes != head->bytes[p])) return false;
    }
    return true;
}

/** Append a place; the capacity doubles at each power of 2. */
static dg_status add_place(dg_run_place **places, size_t *count, const dg_run_place *place)
{
    if ((*count & (*count - 1)) == 0) {
        dg_run_place *grown = realloc(*places, (*count ? 2 * *count : 1) * sizeof *grown);
        if (!grown)
            return dg_fail(DG_ERR_MEMORY, "no memory for the runs of %s", place->archive->path);
        *places = grown;
    }
    (*places)[(*count)++] = *place;
    return DG_OK;
}

dg_status dg_run_places(dg_run_place **places, size_t *count, const dg_archive *a)
{
    for (size_t k = 0; k < a->sections; k++) {
        dg_run_place place = {.archive = a, .section = k};
        const dg_archive_section *s = &a->section[k];
        if (s->tag != DG_PART_HEAD || s->bytes != sizeof place.head) continue;
        /* two tries: a transient failure is not damage, which is found where heads are checked */
        bool read = false;
        for (int tries = 0; tries < 2 && !read; tries++)
            read = dg_archive_read(a, s, &place.head) == DG_OK;
        if (read && has_all_parts(a, k, &place.head)) DG_TRY(add_place(places, count, &place));
    }
    return DG_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

dg_status dg_run_check(const dg_run_place *place)
{
    const dg_archive *a = place->archive;
    for (uint32_t p = DG_PART_STATE; p < DG_PARTS; p++)
        if (place->head.bytes[p] > 0) DG_TRY(dg_archive_check(a, section_of(a, place->section, p)));
    return DG_OK;
}

dg_status dg_run_part(const dg_run_place *place, dg_part part, void **out)
{
    *out = NULL;
    if (place->head.bytes[part] == 0) return DG_OK;
    return dg_archive_load(place->archive, section_of(place->archive, place->section, part), out);
}

static dg_status check_size(const dg_run_place *place, dg_part part, int64_t expected)
{
    static const char *const name[DG_PARTS] = {[DG_PART_STATE] = "a state",
                                               [DG_PART_RECORDS] = "records",
                                               [DG_PART_TRACE] = "a trace",
                                               [DG_PART_PACKED] = "a packed run"};
    const int64_t bytes = place->head.bytes[part];
    if (bytes == expected) return DG_OK;
    return dg_fail(DG_ERR_UNSUPPORTED,
                   "%s: damaged, or written by another build: %s of %lld bytes, expected %lld",
                   place->archive->path, name[part], (long long)bytes, (long long)expected);
}

dg_status dg_run_part_for(const dg_run_place *place, dg_part part, int64_t expected, void **out)
{
    DG_TRY(check_size(place, part, expected));
    return dg_run_part(place, part, out);
}

dg_status dg_run_part_into(const dg_run_place *place, dg_part part, int64_t expected, void *to)
{
    DG_TRY(check_size(place, part, expected));
    if (expected == 0) return DG_OK;
    return dg_archive_read(place->archive, section_of(place->archive, place->section, part), to);
}

/* parts are copied as they are stored: how large they may be unpacked is not known here */
dg_status dg_run_copy(dg_archive_writer *writer, uint32_t index, const dg_run_place *place)
{
    dg_run_head head = place->head;
    head.bytes[DG_PART_STATE] = 0;
    DG_TRY(dg_archive_add(writer, DG_PART_HEAD, index, &head, sizeof head, false));
    for (uint32_t p = DG_PART_STATE; p < DG_PARTS; p++)
        if (head.bytes[p] > 0)
            DG_TRY(dg_archive_copy(writer, index, place->archive,
                                   section_of(place->archive, place->section, p)));
    return DG_OK;
}
