/** Defining a variable of the result file: attributes, fill values, chunks, compression. */
#include "host/store/writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a chunk, the unit of reading and compression: small runs share a chunk, the generations
   of large ones are divided. Chosen by measuring 80 runs x 1000 generations. */
#define CHUNK_LEAST ((size_t)16 << 10)
#define CHUNK_MOST  ((size_t)1 << 20)
/* Bytes of each variable's cache. The default of netCDF is 16 MB, wasted for 40 variables: each run
   is written only once. */
#define CHUNK_CACHE (2 * CHUNK_MOST)

static size_t type_bytes(nc_type type)
{
    switch (type) {
    case NC_BYTE: return 1;
    case NC_SHORT: return 2;
    case NC_INT:
    case NC_FLOAT: return 4;
    default: return 8;
    }
}

/** Choose the runs and generations of a chunk; a chunk spans the other dimensions. */
static void choose_chunk(const dg_variable *variable, const size_t *length, int rank, size_t *chunk)
{
    size_t bytes = type_bytes(variable->type); /* of one run */
    for (int d = 0; d < rank; d++) {
        chunk[d] = length[d] > 0 ? length[d] : 1;
        if (d > 0) bytes *= chunk[d];
    }
    const size_t runs = (CHUNK_LEAST + bytes - 1) / bytes;
    chunk[0] = runs < chunk[0] ? runs : chunk[0];
    if (bytes > CHUNK_MOST) {
        const size_t cut = CHUNK_MOST / (bytes / chunk[1]);
        chunk[1] = cut > 0 ? cut : 1;
    }
}

/** Set the chunks, and shuffle and deflate if output.compression is set. */
static dg_status compress(dg_store *store, const dg_variable *variable, int rank, int id)
{
    size_t length[DG_STORE_RANK], chunk[DG_STORE_RANK];
    for (int d = 0; d < rank; d++) length[d] = store->length[variable->dimensions[d]];
    choose_chunk(variable, length, rank, chunk);
    DG_NETCDF_TRY(nc_def_var_chunking(store->file, id, NC_CHUNKED, chunk), store->part,
                  variable->name);
    DG_NETCDF_TRY(nc_set_var_chunk_cache(store->file, id, CHUNK_CACHE, 1009, 1.0f), store->part,
                  variable->name);
    const int level = (int)store->experiment->condition[0].output_compression;
    if (level > 0) {
        DG_NETCDF_TRY(nc_def_var_deflate(store->file, id, 1, 1, level), store->part,
                      variable->name);
    }
    return DG_OK;
}

/** Set the fill value: elements that a stopped or shorter run does not write read as missing. */
static dg_status define_fill(dg_store *store, const dg_variable *variable, int id)
{
    const float real32 = NAN;
    const double real64 = NAN;
    const int integer32 = NC_FILL_INT;
    const short integer16 = NC_FILL_SHORT;
    const void *fill = variable->type == NC_FLOAT    ? (const void *)&real32
                       : variable->type == NC_DOUBLE ? (const void *)&real64
                       : variable->type == NC_INT    ? (const void *)&integer32
                       : variable->type == NC_SHORT  ? (const void *)&integer16
                                                     : NULL;
    if (fill == NULL) return DG_OK;
    DG_NETCDF_TRY(nc_def_var_fill(store->file, id, NC_FILL, fill), store->part, variable->name);
    return DG_OK;
}

dg_status dg_store_text(dg_store *store, int id, const char *name, const char *text)
{
    DG_NETCDF_TRY(nc_put_att_text(store->file, id, name, strlen(text), text), store->part, name);
    return DG_OK;
}

/** Bytes of one run in a variable. */
static int64_t bytes_of_run(const dg_store *store, const dg_variable *variable, int rank)
{
    size_t bytes = type_bytes(variable->type);
    for (int d = 1; d < rank; d++) bytes *= store->length[variable->dimensions[d]];
    return (int64_t)bytes;
}

static bool is_over(const dg_variable *variable, int dimension)
{
    for (const int *d = variable->dimensions; *d >= 0; d++) {
        if (*d == dimension) return true;
    }
    return false;
}

/** Set the attribute `coordinates`: the variables that label the elements (CF, section 5). */
static dg_status define_coordinates(dg_store *store, const dg_variable *variable, int id)
{
    if (store->coordinates == NULL) return DG_OK; /* this variable is a coordinate itself */
    const bool steps =
        is_over(variable, DG_DIMENSION_snapshot) && strcmp(variable->name, "step") != 0;
    if (!steps) return dg_store_text(store, id, "coordinates", store->coordinates);
    const size_t size = strlen(store->coordinates) + sizeof " step";
    char *list = malloc(size); /* there is no upper bound: a sweep may be over every key */
    if (list == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    snprintf(list, size, "%s step", store->coordinates);
    const dg_status status = dg_store_text(store, id, "coordinates", list);
    free(list);
    return status;
}

dg_status dg_store_define(dg_store *store, const dg_variable *variable, int *id)
{
    int rank = 0, dimension[DG_STORE_RANK];
    while (variable->dimensions[rank] >= 0) {
        dimension[rank] = store->dimension[variable->dimensions[rank]];
        rank++;
    }
    DG_NETCDF_TRY(nc_def_var(store->file, variable->name, variable->type, rank, dimension, id),
                  store->part, variable->name);
    DG_TRY(dg_store_text(store, *id, "long_name", variable->meaning));
    if (variable->unit != NULL) DG_TRY(dg_store_text(store, *id, "units", variable->unit));
    if (variable->dimensions[0] != DG_DIMENSION_run) return DG_OK;
    DG_TRY(define_coordinates(store, variable, *id));
    /* most readers convert integers with a fill value to floating point: a hash would lose bits */
    if (variable->dimensions[rank] != DG_WHOLE) {
        DG_TRY(define_fill(store, variable, *id));
        store->run_bytes += bytes_of_run(store, variable, rank);
    }
    return rank > 1 && variable->type != NC_STRING ? compress(store, variable, rank, *id) : DG_OK;
}
