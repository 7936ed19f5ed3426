/** Keys of a configuration as YAML, one after another; used by write.c and fingerprint_old.c. */
#ifndef DG_CONFIG_WRITE_H
#define DG_CONFIG_WRITE_H

#include "host/config/value.h"

/** Where the next key stands: under the section, or the group, of the one before it or not. */
typedef struct dg_key_writer {
    FILE *file;
    const char *before; /* key before, "" for none */
    int32_t group;      /* and its group */
} dg_key_writer;

/** Write one key with its value; opens its section or its group where the key before has another. */
void dg_key_write(dg_key_writer *writer, const dg_config *config, const dg_field *field,
                  int32_t group);

#endif
