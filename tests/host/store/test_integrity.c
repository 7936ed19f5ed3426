/** host/store/integrity.c, results.c: a result is compared with its recorded hash before use. */
#include "host/store/integrity.h"
#include "host/store/results.h"

#include "host/base/files.h"
#include "host/base/hash.h"
#include "tests/support/folders.h"
#include "tests/support/kept.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(integrity, .init = set_up, .fini = tear_down, .timeout = 30);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static const char bytes[] = "as good as a result";

static const char *remembered(void)
{
    return folder_path(folder, DG_REMEMBERED_NAME);
}

static void put(const char *name, const char *text)
{
    file_put(folder_path(folder, name), text, strlen(text));
}

/** Give results.nc this date of change, in seconds since 1970. */
static void set_date(time_t seconds)
{
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    cr_assert_eq(utimensat(AT_FDCWD, folder_result(folder), times, 0), 0);
}

/** Record this hash, as `digico run` does. */
static void record(uint64_t hash)
{
    char text[200];
    snprintf(text, sizeof text,
             "{\n  \"result\": \"results.nc\",\n  \"xxh3_64\": \"%016" PRIx64 "\"\n}\n", hash);
    put(DG_PROVENANCE_NAME, text);
}

/** A result of an old date, with its hash. */
static void put_result(void)
{
    put(DG_RESULT_NAME, bytes);
    set_date(1000000000);
    record(dg_hash_bytes(bytes, (int64_t)strlen(bytes)));
}

static dg_integrity integrity(bool afresh)
{
    dg_integrity found = DG_RESULT_UNCHECKED;
    OK(dg_integrity_of(&found, NULL, folder, afresh));
    return found;
}

Test(integrity, finds_every_changed_bit)
{
    put_result();
    cr_expect_eq(integrity(false), DG_RESULT_INTACT);
    for (long bit = 0; bit < 8 * (long)strlen(bytes); bit++) {
        file_flip(folder_result(folder), bit / 8, (int)(bit % 8));
        cr_expect_eq(integrity(false), DG_RESULT_DIFFERS, "bit %ld", bit);
        file_flip(folder_result(folder), bit / 8, (int)(bit % 8));
        cr_expect_eq(integrity(false), DG_RESULT_INTACT, "bit %ld", bit);
    }
}

/** Also where size and date are those of before. */
Test(integrity, finds_a_file_that_took_the_place_of_another)
{
    put_result();
    cr_expect_eq(integrity(false), DG_RESULT_INTACT);
    put("other", "as good as a RESULT");
    cr_assert_eq(rename(folder_path(folder, "other"), folder_result(folder)), 0);
    set_date(1000000000);
    cr_expect_eq(integrity(false), DG_RESULT_DIFFERS);
}

Test(integrity, is_unknown_without_a_recorded_hash)
{
    put(DG_RESULT_NAME, bytes);
    cr_expect_eq(integrity(false), DG_RESULT_UNRECORDED);
    static const char *const texts[] = {"", "{}", "{\"xxh3_64\": \"123\"}",
                                        "{\"xxh3_64\": ", "\n\t{"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        put(DG_PROVENANCE_NAME, texts[k]);
        cr_expect_eq(integrity(false), DG_RESULT_UNRECORDED, "%s", texts[k]);
    }
    cr_expect_not(dg_file_exists(remembered()), "nothing was hashed");
}

/** A sweep of many batches: more than a configuration may have. */
Test(integrity, is_recorded_in_a_file_of_any_size)
{
    enum { BATCHES = 20, WORDS = 1 << 20 };
    static const char word[] = "words of a batch";
    put_result();
    FILE *file = fopen(folder_path(folder, DG_PROVENANCE_NAME), "w");
    cr_assert_not_null(file);
    fprintf(file, "{\"xxh3_64\": \"%016" PRIx64 "\", \"batches\": [\"\"",
            dg_hash_bytes(bytes, (int64_t)strlen(bytes)));
    for (size_t k = 0; k < (size_t)BATCHES * WORDS; k += sizeof word - 1)
        fprintf(file, k % 1024 == 0 ? ",\n{\"runs\": \"%s\"}" : ",\"%s\"", word);
    fputs("]}\n", file);
    cr_assert_eq(fclose(file), 0);
    cr_expect_eq(integrity(false), DG_RESULT_INTACT);
}

/** A wrong hash that is remembered for the file tells whether it is read. */
static void remember_wrongly(void)
{
    size_t length;
    cr_assert_eq(integrity(true), DG_RESULT_INTACT);
    char *line = file_bytes(remembered(), &length);
    cr_assert_gt(length, 17);
    memset(line + length - 17, 'f', 16);
    file_put(remembered(), line, length);
    free(line);
}

Test(integrity, is_remembered)
{
    put_result();
    remember_wrongly();
    cr_expect_eq(integrity(false), DG_RESULT_DIFFERS, "the file was not read");
    cr_expect_eq(integrity(true), DG_RESULT_INTACT, "afresh");
    cr_expect_eq(integrity(false), DG_RESULT_INTACT);
    remember_wrongly();
    set_date(1000000001);
    cr_expect_eq(integrity(false), DG_RESULT_INTACT, "of another date");
    remember_wrongly();
    cr_assert_eq(chmod(folder_result(folder), 0400), 0);
    cr_expect_eq(integrity(false), DG_RESULT_INTACT, "the inode was changed");
    put(".results.nc.hash", "nonsense");
    cr_expect_eq(integrity(false), DG_RESULT_INTACT);
}

/** What changes a file within the resolution of its dates would not be seen. */
Test(integrity, is_not_remembered_of_a_file_that_is_as_young)
{
    put_result();
    set_date(4000000000);
    remember_wrongly();
    cr_expect_eq(integrity(false), DG_RESULT_INTACT);
}

Test(integrity, is_found_in_a_folder_that_cannot_be_written)
{
    if (geteuid() != 0) cr_skip_test("needs another user");
    put_result();
    cr_assert_eq(chmod(folder, 0755), 0);
    cr_assert_eq(seteuid(65534), 0);
    cr_expect_eq(integrity(false), DG_RESULT_INTACT);
    cr_assert_eq(seteuid(0), 0);
    cr_expect_not(dg_file_exists(remembered()));
}

/** A pipe would be waited for without end. */
Test(integrity, of_what_is_no_file_is_refused)
{
    dg_integrity found;
    dg_results *results = NULL;
    cr_assert_eq(mkfifo(folder_result(folder), 0600), 0);
    cr_expect_eq(dg_integrity_of(&found, NULL, folder, false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "not a regular file") != NULL, "%s", dg_error());
    cr_expect_eq(dg_results_open(&results, folder), DG_ERR_IO);
}

/* ---- opening --------------------------------------------------------------------------------- */

/** A result of one run, with the hash of its bytes. */
static void write_result(void)
{
    uint64_t hash;
    int64_t size;
    dg_store *store = NULL;
    dg_experiment *experiment = load_text("generations: 3\n", NULL, NULL);
    OK(kept_begin(&store, experiment, folder));
    OK(dg_store_seal(store, &hash, &size));
    cr_expect_not(dg_file_exists(folder_result(folder)), "it keeps its temporary name");
    OK(dg_store_finish(&store));
    record(hash);
    dg_experiment_free(&experiment);
}

/** Append a byte to the result, which HDF5 does not look at. */
static void append(void)
{
    FILE *file = fopen(folder_result(folder), "ab");
    cr_assert(file && fputc('x', file) == 'x' && fclose(file) == 0);
}

Test(integrity, decides_whether_a_result_is_opened)
{
    dg_results *results = NULL;
    write_result();
    OK(dg_results_open(&results, folder));
    cr_expect_eq(results->integrity, DG_RESULT_INTACT);
    dg_results_close(&results);
    append();
    cr_expect_eq(dg_results_open(&results, folder), DG_ERR_IO);
    cr_expect(strstr(dg_error(), folder_result(folder)) == dg_error(), "%s", dg_error());
    cr_expect(strstr(dg_error(), "damaged or replaced") != NULL, "%s", dg_error());
    OK(dg_results_open_unchecked(&results, folder));
    cr_expect_eq(results->integrity, DG_RESULT_UNCHECKED);
    dg_results_close(&results);
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
    OK(dg_results_open(&results, folder));
    cr_expect_eq(results->integrity, DG_RESULT_UNRECORDED);
    dg_results_close(&results);
}

/** HDF5 holds this lock on a file that it writes. */
Test(integrity, of_a_file_that_is_being_written_is_not_asked)
{
    dg_results *results = NULL;
    write_result();
    const int writer = open(folder_result(folder), O_RDWR);
    cr_assert_eq(flock(writer, LOCK_EX), 0);
    cr_expect_eq(dg_results_open(&results, folder), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "in use: another program has it open for writing") != NULL, "%s",
              dg_error());
    cr_expect_eq(dg_results_open_unchecked(&results, folder), DG_ERR_IO);
    cr_assert_eq(flock(writer, LOCK_SH), 0);
    OK(dg_results_open(&results, folder));
    cr_expect_eq(flock(writer, LOCK_EX | LOCK_NB), 0, "no lock is kept");
    dg_results_close(&results);
    close(writer);
}

/* ---- a glance -------------------------------------------------------------------------------- */

static const char hdf5[] = "\211HDF\r\n\032\nas good as a result";

/** A result that begins as HDF5 does, with its hash and this many bytes recorded. */
static void put_netcdf(long long recorded)
{
    char text[200];
    put(DG_RESULT_NAME, hdf5);
    snprintf(text, sizeof text, "{\"bytes\": %lld, \"xxh3_64\": \"%016" PRIx64 "\"}\n", recorded,
             dg_hash_bytes(hdf5, (int64_t)strlen(hdf5)));
    put(DG_PROVENANCE_NAME, text);
}

static dg_integrity glance(void)
{
    dg_integrity found = DG_RESULT_UNCHECKED;
    OK(dg_integrity_glance(&found, folder));
    cr_expect_not(dg_file_exists(remembered()), "who only looks writes nothing");
    return found;
}

Test(integrity, a_glance_reads_a_small_file)
{
    put_netcdf((long long)strlen(hdf5));
    cr_expect_eq(glance(), DG_RESULT_INTACT);
    file_flip(folder_result(folder), -1, 0);
    cr_expect_eq(glance(), DG_RESULT_DIFFERS);
    cr_assert_eq(unlink(folder_path(folder, DG_PROVENANCE_NAME)), 0);
    cr_expect_eq(glance(), DG_RESULT_UNRECORDED);
}

Test(integrity, a_glance_looks_at_the_size_of_a_large_file)
{
    const long long large = DG_GLANCE_BYTES + 1;
    for (int k = 0; k < 2; k++) {
        put_netcdf(large - k);
        cr_assert_eq(truncate(folder_result(folder), (off_t)large), 0);
        cr_expect_eq(glance(), k == 0 ? DG_RESULT_UNCHECKED : DG_RESULT_DIFFERS);
    }
}

Test(integrity, a_glance_recalls_the_hash_of_a_large_file)
{
    dg_integrity found = DG_RESULT_UNCHECKED;
    const long long large = DG_GLANCE_BYTES + 1;
    put_netcdf(large);
    cr_assert_eq(truncate(folder_result(folder), (off_t)large), 0);
    set_date(1000000000);
    cr_expect_eq(integrity(false), DG_RESULT_DIFFERS);
    OK(dg_integrity_glance(&found, folder));
    cr_expect_eq(found, DG_RESULT_DIFFERS);
}

/** What is no netCDF-4 file is damage; what the system does not let be read may be intact. */
Test(integrity, a_glance_tells_damage_from_what_cannot_be_read)
{
    dg_integrity found = DG_RESULT_UNCHECKED;
    for (int k = 0; k < 6; k++) {
        const char *path = folder_result(folder);
        put_netcdf((long long)strlen(hdf5));
        cr_assert_eq(unlink(path), 0);
        if (k < 2) put(DG_RESULT_NAME, k == 0 ? "" : "text of more than 8 bytes");
        if (k == 2) cr_assert_eq(mkdir(path, 0777), 0);
        if (k == 3) cr_assert_eq(mkfifo(path, 0666), 0);
        if (k == 4) cr_assert_eq(symlink(DG_RESULT_NAME, path), 0);
        cr_expect_eq(dg_integrity_glance(&found, folder), DG_ERR_IO);
        cr_expect_eq(dg_error_reason(),
                     k < 4    ? 0
                     : k == 4 ? ELOOP
                              : ENOENT,
                     "%d: %s", k, dg_error());
        (void)remove(path);
    }
}
