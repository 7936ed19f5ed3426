/** Which devices compute: a request such as `cuda:1` against what the backends of this build offer. */
#ifndef DG_DEVICES_H
#define DG_DEVICES_H

#include "kernels/backend.h"

#include <stdbool.h>
#include <stddef.h>

/** Most devices that one call uses; further ones are left alone. */
#define DG_MAX_DEVICES 64

/** One processor that batches go to. */
typedef struct dg_device {
    const dg_backend *backend;
    int32_t index; /* of the backend's devices */
    dg_device_info info;
} dg_device;

/** All that were chosen; they share one backend. */
typedef struct dg_devices {
    int32_t count; /* >= 1 */
    dg_device device[DG_MAX_DEVICES];
} dg_devices;

/**
 * Describe one device and see that it can run this program's code.
 *
 * @return DG_OK, DG_ERR_UNSUPPORTED (too old a GPU), or what describing it returned; the message names
 *         neither backend nor index
 */
DG_MUST_CHECK dg_status dg_device_open(dg_device *out, const dg_backend *backend, int32_t index);

/**
 * Choose devices.
 *
 * @param request  "cpu", "cuda" (all GPUs that can be used), "cuda:k", "auto" or NULL (the same GPUs,
 *                 or the CPU where there is none)
 * @return DG_OK, DG_ERR_ARGUMENT (another text), DG_ERR_UNSUPPORTED (CUDA is asked for and is not in
 *         this build, or no such device answers or can be used), what describing cuda:k returned
 */
DG_MUST_CHECK dg_status dg_devices_find(dg_devices *out, const char *request);

/** dg_devices_find() with these backends; `cuda` is NULL in a build without. */
DG_MUST_CHECK dg_status dg_devices_of(dg_devices *out, const dg_backend *cpu,
                                      const dg_backend *cuda, const char *request);

/** Are they CPUs? */
bool dg_devices_are_cpu(const dg_devices *devices);

/** As a request names it: "cpu", "cuda:1"; returns `text`. */
const char *dg_device_name(const dg_device *device, char *text, size_t size);

/** All of them with their makers' names, "cuda:0 NVIDIA H100, cuda:1 ..."; returns `text`. */
const char *dg_devices_text(const dg_devices *devices, char *text, size_t size);

/** Compute capability as "sm_90"; "" on a CPU; returns `text`. */
const char *dg_device_capability(const dg_device *device, char *text, size_t size);

#endif
