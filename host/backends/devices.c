/** Choosing devices; see devices.h. */
#include "host/backends/devices.h"

#include "host/base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED "auto, cpu, cuda or cuda:k"

/* ---- request --------------------------------------------------------------------------------- */

typedef enum request_kind { REQUEST_AUTO, REQUEST_CPU, REQUEST_CUDA, REQUEST_ONE } request_kind;

/** Read a number of digits only: no sign, no blanks, no text after it. */
static bool parse_index(const char *text, int32_t *index)
{
    char *end = NULL;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > INT32_MAX)
        return false;
    *index = (int32_t)value;
    return true;
}

static dg_status parse_request(request_kind *kind, int32_t *index, const char *request)
{
    *kind = REQUEST_AUTO;
    *index = 0;
    if (!request || strcmp(request, "auto") == 0) return DG_OK;
    if (strcmp(request, "cpu") == 0)
        *kind = REQUEST_CPU;
    else if (strcmp(request, "cuda") == 0)
        *kind = REQUEST_CUDA;
    else if (strncmp(request, "cuda:", 5) == 0 && parse_index(request + 5, index))
        *kind = REQUEST_ONE;
    else
        return dg_fail(DG_ERR_ARGUMENT, "device: %s, expected " EXPECTED, request);
    return DG_OK;
}

/* ---- choice ---------------------------------------------------------------------------------- */

/** Are all entries of a backend set? They are pointers alone. */
static bool is_whole(const dg_backend *backend)
{
    const void *entry[sizeof *backend / sizeof(const void *)];
    memcpy(entry, backend, sizeof entry);
    for (size_t k = 0; k < sizeof entry / sizeof *entry; k++)
        if (!entry[k]) return false;
    return true;
}

/** Does `--device` take the name of a device? plan and verify request each device by it. */
static bool is_known(const dg_device *device)
{
    char name[32];
    request_kind kind;
    int32_t index;
    return parse_request(&kind, &index, dg_device_name(device, name, sizeof name)) == DG_OK;
}

dg_status dg_device_open(dg_device *out, const dg_backend *backend, int32_t index)
{
    dg_device device = {.backend = backend, .index = index};
    assert(backend); /* callers pass a backend that has devices */
    assert(is_whole(backend));
    assert(is_known(&device));
    DG_TRY(backend->describe(index, &device.info));
    DG_TRY(backend->open(index, &device.info));
    *out = device;
    return DG_OK;
}

/** Add a line of dg_error() to the reasons why GPUs are not used. */
static void note_unused(dg_devices *out, const char *what)
{
    const size_t used = strlen(out->unused);
    snprintf(out->unused + used, sizeof out->unused - used, "%s%s%s", used > 0 ? "; " : "", what,
             dg_error());
}

/** Add the first `wanted` usable devices of a backend; the others are skipped. */
static void add_usable(dg_devices *out, const dg_backend *backend, int32_t available, size_t wanted)
{
    const int32_t most = wanted > DG_MAX_DEVICES ? DG_MAX_DEVICES
                         : wanted < 1            ? 1
                                                 : (int32_t)wanted;
    for (int32_t d = 0; d < available && out->count < most; d++) {
        char name[32];
        snprintf(name, sizeof name, "%s:%d: ", backend->name, d);
        if (dg_device_open(&out->device[out->count], backend, d) == DG_OK)
            out->count++;
        else
            note_unused(out, name);
    }
}

static dg_status take_one(dg_devices *out, const dg_backend *backend, int32_t index)
{
    DG_TRY(dg_device_open(&out->device[0], backend, index));
    out->count = 1;
    out->unused[0] = '\0';
    return DG_OK;
}

/** The CPU, where "auto" finds no usable GPU; `reasons`: why there is none. */
static dg_status fall_back(dg_devices *out, const dg_backend *cpu, const dg_devices *reasons)
{
    DG_TRY(take_one(out, cpu, 0));
    memcpy(out->unused, reasons->unused, sizeof out->unused);
    return DG_OK;
}

/** Add the request to the error message of dg_device_open(). */
static dg_status fail_open(dg_status status, const char *request)
{
    char reason[512];
    snprintf(reason, sizeof reason, "%s", dg_error());
    return dg_fail(status, "device: %s, %s", request, reason);
}

/** Fail because the requested CUDA device does not exist; `unused`: why there is none. */
static dg_status fail_cuda(const dg_backend *cuda, const char *request, int32_t devices,
                           const char *unused)
{
    if (!cuda)
        return dg_fail(DG_ERR_UNSUPPORTED,
                       "device: %s, expected auto or cpu: this build has no CUDA backend", request);
    if (devices == 0)
        return dg_fail(DG_ERR_UNSUPPORTED,
                       "device: %s, expected auto or cpu: no CUDA device is available: %s", request,
                       unused);
    if (devices == 1)
        return dg_fail(DG_ERR_UNSUPPORTED,
                       "device: %s, expected cuda:0, the only CUDA device available", request);
    return dg_fail(DG_ERR_UNSUPPORTED,
                   "device: %s, expected one of cuda:0 ... cuda:%d, the CUDA devices available",
                   request, devices - 1);
}

dg_status dg_devices_of(dg_devices *out, const dg_backend *cpu, const dg_backend *cuda,
                        const char *request, size_t wanted)
{
    request_kind kind = REQUEST_AUTO;
    int32_t index = 0;
    dg_devices found = {.count = 0};
    DG_TRY(parse_request(&kind, &index, request));
    if (kind == REQUEST_CPU) return take_one(out, cpu, 0);
    const int32_t available = cuda ? cuda->devices() : 0;
    if (cuda && available == 0) note_unused(&found, "");
    if (kind == REQUEST_ONE) {
        if (index >= available) return fail_cuda(cuda, request, available, found.unused);
        const dg_status status = take_one(out, cuda, index);
        return status == DG_OK ? DG_OK : fail_open(status, request);
    }
    add_usable(&found, cuda, available, wanted);
    if (found.count == 0 && kind == REQUEST_AUTO) return fall_back(out, cpu, &found);
    if (available == 0) return fail_cuda(cuda, request, available, found.unused);
    if (found.count == 0)
        return dg_fail(DG_ERR_UNSUPPORTED, "device: %s, expected at least one usable GPU: %s",
                       request, found.unused);
    *out = found;
    return DG_OK;
}

dg_status dg_devices_find(dg_devices *out, const char *request, size_t wanted)
{
    return dg_devices_of(out, dg_backend_cpu(), dg_backend_cuda(), request, wanted);
}

bool dg_devices_are_cpu(const dg_devices *devices)
{
    return strcmp(devices->device[0].backend->name, "cpu") == 0;
}

/* ---- text ------------------------------------------------------------------------------------ */

const char *dg_device_name(const dg_device *device, char *text, size_t size)
{
    if (strcmp(device->backend->name, "cpu") == 0)
        snprintf(text, size, "cpu");
    else
        snprintf(text, size, "%s:%d", device->backend->name, device->index);
    return text;
}

const char *dg_devices_text(const dg_devices *devices, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int32_t d = 0; d < devices->count && used < size; d++) {
        char name[32];
        const int more = snprintf(text + used, size - used, "%s%s %s", d > 0 ? ", " : "",
                                  dg_device_name(&devices->device[d], name, sizeof name),
                                  devices->device[d].info.name);
        used += more > 0 ? (size_t)more : 0;
    }
    return text;
}

const char *dg_device_capability(const dg_device *device, char *text, size_t size)
{
    if (device->info.capability > 0)
        snprintf(text, size, "sm_%d", device->info.capability);
    else
        snprintf(text, size, "%s", "");
    return text;
}
