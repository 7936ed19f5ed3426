/** Choosing devices: a request such as "cuda:1" is resolved to devices of the backends. */
#ifndef DG_DEVICES_H
#define DG_DEVICES_H

#include "kernels/backend.h"

#include <stdbool.h>
#include <stddef.h>

/** Maximum number of devices that one call uses; further ones are ignored. */
#define DG_MAX_DEVICES 64

/** One device that computes batches. */
typedef struct dg_device {
    const dg_backend *backend;
    int32_t index; /* among the devices of the backend */
    dg_device_info info;
} dg_device;

/** The chosen devices; all have the same backend. */
typedef struct dg_devices {
    int32_t count; /* >= 1 */
    dg_device device[DG_MAX_DEVICES];
    char unused[512]; /* why "auto" or "cuda" uses no GPU, or not all; "" if it uses what it may */
} dg_devices;

/** As `wanted` of dg_devices_find(): all usable devices. */
#define DG_DEVICES_ALL DG_MAX_DEVICES

/**
 * Describe one device and make it ready for batches; on a GPU that takes memory (backend->open()).
 *
 * @return DG_OK, DG_ERR_UNSUPPORTED (this build has no code for it), or the error of backend->describe()
 *         or backend->open(); the message contains neither backend nor index
 */
DG_MUST_CHECK dg_status dg_device_open(dg_device *out, const dg_backend *backend, int32_t index);

/**
 * Choose devices. Of the usable GPUs the first `wanted` are opened, the others are left alone.
 *
 * @param wanted   most devices that the caller has work for; 0 is taken as 1
 * @param request  "cpu", "cuda" (all usable GPUs), "cuda:k" (GPU number k, from 0), "auto" or NULL
 *                 (all usable GPUs, or the CPU if there is none)
 * @return DG_OK, DG_ERR_ARGUMENT (another text), DG_ERR_UNSUPPORTED (a GPU is requested, but this
 *         build has no CUDA backend or there is no such usable GPU), or the error of describing
 *         cuda:k
 */
DG_MUST_CHECK dg_status dg_devices_find(dg_devices *out, const char *request, size_t wanted);

/** dg_devices_find() with the given backends; `cuda` is NULL in a build without CUDA. */
DG_MUST_CHECK dg_status dg_devices_of(dg_devices *out, const dg_backend *cpu,
                                      const dg_backend *cuda, const char *request, size_t wanted);

/** Is it the CPU? */
bool dg_devices_are_cpu(const dg_devices *devices);

/** Write the name of a device as in a request, "cpu" or "cuda:1"; returns `text`. */
const char *dg_device_name(const dg_device *device, char *text, size_t size);

/** Write all names with product names, "cuda:0 NVIDIA H100, cuda:1 ..."; returns `text`. */
const char *dg_devices_text(const dg_devices *devices, char *text, size_t size);

/** Write the compute capability as "sm_90", "" for a CPU; returns `text`. */
const char *dg_device_capability(const dg_device *device, char *text, size_t size);

#endif
