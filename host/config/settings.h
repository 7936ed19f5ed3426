/**
 * Keys with values as somebody stated them, each with its place; and what a sweep makes of them.
 *
 * Private to the loader: experiment.c puts the layers together, expand.c turns them into runs.
 */
#ifndef DG_SETTINGS_H
#define DG_SETTINGS_H

#include "host/config/value.h"

/** One key, one value. */
typedef struct dg_setting {
    const dg_field *field;
    int32_t group; /* index, -1 for a key of the run */
    dg_value value;
    const dg_node *at;
} dg_setting;

typedef struct dg_settings {
    dg_setting *item; /* [count], or of a range of integers the first one alone: dg_settings_at() */
    size_t count, capacity;
    uint64_t stride; /* of a range of integers, else 0 */
} dg_settings;

DG_MUST_CHECK dg_status dg_settings_add(dg_settings *settings, dg_pool *pool,
                                        const dg_setting *setting);

/** The i-th setting, also of a range. */
dg_setting dg_settings_at(const dg_settings *settings, size_t i);

/** The setting of a key, NULL if there is none. */
dg_setting *dg_settings_find(const dg_settings *settings, const dg_field *field, int32_t group);

/** Read a node as a value of a key, or refuse it. */
DG_MUST_CHECK dg_status dg_setting_read(dg_setting *out, const dg_config *roster,
                                        const dg_field *field, int32_t group, const dg_node *node);

/* ---- keys of a mapping (key_walk.c) ---------------------------------------------------------- */

/** Called for every known key of a mapping, whether written nested or dotted. */
typedef dg_status (*dg_key_visit)(void *user, const dg_field *field, int32_t group,
                                  const dg_node *node);

typedef struct dg_key_walk {
    const dg_config *roster; /* names the groups */
    const char *skip;        /* top-level member that is no key, or NULL */
    dg_key_visit visit;
    void *user;
} dg_key_walk;

/** Visit the keys of a mapping in written order; refuses what is no mapping and unknown keys. */
DG_MUST_CHECK dg_status dg_keys_walk(const dg_key_walk *walk, const dg_node *map, const char *name);

/** Refuse a key that is in no table, with the nearest one that is. */
DG_MUST_CHECK dg_status dg_key_refuse(const dg_config *roster, const dg_node *node,
                                      const char *key);

/** Read the keys of a mapping as settings, each at most once. */
DG_MUST_CHECK dg_status dg_settings_read(dg_settings *settings, dg_pool *pool,
                                         const dg_config *roster, const dg_node *map,
                                         const char *name, const char *skip);

/** Find the groups of an experiment in its root mapping (may be NULL). groups.c */
DG_MUST_CHECK dg_status dg_roster_read(dg_config *roster, const dg_node *root);

/** Take `kind` and `model` of settings into the roster. */
void dg_roster_apply(dg_config *roster, const dg_settings *settings);

/* ---- sweep (sweep.c, sweep_values.c) --------------------------------------------------------- */

/* more than there are keys: each block has at least one of its own */
#define DG_BLOCKS_MAX 256

/** Points that vary together: one product key, zipped keys, or named conditions. */
typedef struct dg_sweep_block {
    size_t points;
    dg_settings *column; /* [columns], each with `points` items; NULL for conditions */
    size_t columns;
    dg_settings *condition; /* [points], the name first; NULL for keys */
} dg_sweep_block;

/** A run goes when for every key one of the listed values matches. */
typedef struct dg_exclude {
    const dg_node *at;
    dg_settings term; /* values of one key stand together */
    bool hit;
} dg_exclude;

typedef struct dg_sweep {
    dg_sweep_block block[DG_BLOCKS_MAX]; /* conditions, zips, products: the first is the slowest */
    size_t blocks;
    dg_exclude *exclude;
    size_t excludes;
    bool altered; /* by an override: an exclusion may then match nothing */
} dg_sweep;

/** Read the values of an axis: a list, or a range {from, to, step | count}. */
DG_MUST_CHECK dg_status dg_axis_read(dg_settings *out, dg_pool *pool, const dg_config *roster,
                                     const dg_field *field, int32_t group, const dg_node *node);

/** Read the member `sweep` of a file (NULL: none). */
DG_MUST_CHECK dg_status dg_sweep_read(dg_sweep *sweep, dg_pool *pool, const dg_config *roster,
                                      const dg_node *node);

/** Where a key is an axis; false if it is none. */
bool dg_sweep_find(const dg_sweep *sweep, const dg_field *field, int32_t group, size_t *block,
                   size_t *column);

/** Append a block of one column. */
DG_MUST_CHECK dg_status dg_sweep_append(dg_sweep *sweep, dg_pool *pool, const dg_settings *values);

/** Take an axis out; a block without axes goes with it. */
void dg_sweep_remove(dg_sweep *sweep, size_t block, size_t column);

/** Refuse a key that must be the same in all runs. */
DG_MUST_CHECK dg_status dg_sweep_allow(const dg_config *roster, const dg_field *field,
                                       int32_t group, const dg_node *node);

/* ---- layers (override.c, expand.c, axes.c) --------------------------------------------------- */

/** An experiment before it is expanded, the later member over the earlier. */
typedef struct dg_layers {
    dg_pool pool;
    dg_config roster; /* model, groups' names and kinds: the same in all runs */
    dg_settings base;
    dg_sweep sweep;
    dg_settings over;
} dg_layers;

/**
 * Lay "key=value" over the rest. A value fixes the key and takes its axis away; a list or a range
 * makes it an axis, in the place of the one it had or as the fastest. `condition` picks from
 * sweep.conditions by name.
 *
 * @param position  1-based, for messages
 */
DG_MUST_CHECK dg_status dg_override_apply(dg_layers *layers, const char *text, int position);

/** Refuse two runs that are the same; point[run] is its number in the full product. axes.c */
DG_MUST_CHECK dg_status dg_runs_differ(const dg_experiment *experiment, const dg_layers *layers,
                                       const size_t *point);

/** Fill the axes of an experiment. axes.c */
DG_MUST_CHECK dg_status dg_axes_list(dg_experiment *experiment, const dg_layers *layers);

/** Fill the conditions and runs of an experiment; its members are the caller's to free even on failure. */
DG_MUST_CHECK dg_status dg_layers_expand(dg_experiment *experiment, dg_layers *layers);

#endif
