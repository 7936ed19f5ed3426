#include "fake_devices.h"

#include "host/base/error.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/** A batch and the device that holds it. */
typedef struct holder {
    const dg_batch *batch;
    int32_t device;
} holder;

fake_seen fake_seen_so_far;
static fake_settings settings_now;
static dg_backend backend;
static holder holders[64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t meeting;

static int32_t devices_fake(void)
{
    return settings_now.devices;
}

static dg_status describe_fake(int32_t device, dg_device_info *out)
{
    cr_assert(device >= 0 && device < settings_now.devices);
    if (settings_now.silent[device])
        return dg_fail(DG_ERR_BACKEND, "Fake %d cannot be described", device);
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "Fake %d", device);
    out->memory_total = settings_now.memory_free[device];
    out->multiprocessors = 2;
    out->capability = settings_now.capability[device] ? settings_now.capability[device] : 90;
    return DG_OK;
}

static dg_status open_fake(int32_t device, dg_device_info *info)
{
    if (info->capability < 80)
        return dg_fail(DG_ERR_UNSUPPORTED, "%s has compute capability %d.%d, too old for a fake",
                       info->name, info->capability / 10, info->capability % 10);
    info->memory_free = settings_now.memory_free[device];
    fake_seen_so_far.opened++;
    return DG_OK;
}

static dg_status accepts_fake(int32_t forward)
{
    if (forward != DG_FORWARD_CUBLAS || settings_now.cublas) return DG_OK;
    return dg_fail(DG_ERR_UNSUPPORTED, "policy.forward: cublas, not on a fake");
}

static dg_status fits_fake(const dg_shape *shape, const dg_batch_options *options)
{
    cr_assert(options->device >= 0 && options->device < settings_now.devices);
    if (settings_now.agents_most == 0 || shape->agents <= settings_now.agents_most) return DG_OK;
    return dg_fail(DG_ERR_UNSUPPORTED, "agents: %d, too many for a fake", shape->agents);
}

static int64_t bytes_per_run_fake(const dg_shape *shape, const dg_batch_options *options)
{
    return settings_now.run_bytes > 0 ? settings_now.run_bytes
                                      : dg_backend_cpu()->bytes_per_run(shape, options);
}

/** Scratch lies on the device. */
static int64_t bytes_beside_fake(const dg_shape *shape, const dg_batch_options *options)
{
    (void)shape;
    (void)options;
    return 0;
}

/** Record which device holds a batch; remove the record if `device` < 0. */
static void hold(const dg_batch *batch, int32_t device)
{
    pthread_mutex_lock(&lock);
    int k = 0;
    while (k < 64 && holders[k].batch != (device < 0 ? batch : NULL)) k++;
    cr_assert_lt(k, 64);
    holders[k].batch = device < 0 ? NULL : batch;
    holders[k].device = device;
    pthread_mutex_unlock(&lock);
}

static int32_t holder_of(const dg_batch *batch)
{
    int32_t device = -1;
    pthread_mutex_lock(&lock);
    for (int k = 0; k < 64; k++)
        if (holders[k].batch == batch) device = holders[k].device;
    pthread_mutex_unlock(&lock);
    return device;
}

static void request_stop(void)
{
    if (settings_now.stop) __atomic_store_n(settings_now.stop, 1, __ATOMIC_RELAXED);
}

static dg_status create_fake(dg_batch **batch, const dg_shape *shape,
                             const dg_batch_options *options)
{
    const int32_t device = options->device;
    cr_assert(device >= 0 && device < settings_now.devices);
    if ((settings_now.room != 0 && options->runs > settings_now.room) ||
        (settings_now.room_agents != 0 &&
         options->runs * shape->agents > settings_now.room_agents)) {
        request_stop();
        return dg_fail(DG_ERR_MEMORY, "no memory for %d runs on a fake", options->runs);
    }
    if (fake_seen_so_far.batches[device]++ == 0 && settings_now.meet)
        pthread_barrier_wait(&meeting);
    fake_seen_so_far.runs += options->runs;
    fake_seen_so_far.held++;
    if (options->runs > fake_seen_so_far.largest) fake_seen_so_far.largest = options->runs;
    const dg_status status = dg_backend_cpu()->create(batch, shape, options);
    if (status == DG_OK) hold(*batch, device);
    return status;
}

static void destroy_fake(dg_batch **batch)
{
    if (!*batch) return;
    hold(*batch, -1);
    fake_seen_so_far.held--;
    dg_backend_cpu()->destroy(batch);
}

static dg_status restore_fake(dg_batch *batch, int32_t run, int32_t generation,
                              const int64_t *records, const int16_t *trace)
{
    fake_seen_so_far.restored += generation > 0;
    return dg_backend_cpu()->restore(batch, run, generation, records, trace);
}

/**
 * Advance by `portion` generations, then wait until the engine requests a save. Devices that meet have
 * all done so before the first of them requests a stop: else one could be stopped before its batch begins.
 */
static dg_status advance_portion(dg_batch *batch, int32_t device, const dg_watch *watch)
{
    dg_watch without_stop = *watch;
    without_stop.stop = without_stop.pause = NULL;
    const dg_status status = dg_backend_cpu()->advance(batch, settings_now.portion, &without_stop);
    if (device >= 0 && settings_now.meet && fake_seen_so_far.portions[device]++ == 0)
        pthread_barrier_wait(&meeting);
    request_stop();
    while (!dg_watch_stopped(watch)) usleep(1000);
    return status;
}

static dg_status advance_fake(dg_batch *batch, int32_t generations, const dg_watch *watch)
{
    const int32_t device = holder_of(batch);
    const int before = fake_seen_so_far.advances++;
    if ((device >= 0 && device == settings_now.failing - 1) ||
        (settings_now.broken > 0 && before >= settings_now.broken))
        return dg_fail(DG_ERR_BACKEND, "Fake %d has failed", device);
    if (settings_now.portion > 0) return advance_portion(batch, device, watch);
    return dg_backend_cpu()->advance(batch, generations, watch);
}

/** States lie on the device. */
static void *block_fake(const dg_batch *batch, int32_t run)
{
    (void)batch;
    (void)run;
    return NULL;
}

static dg_status download_fake(const dg_batch *batch, int32_t run, void *block)
{
    usleep((useconds_t)(1e6 * settings_now.download_seconds));
    return dg_backend_cpu()->download(batch, run, block);
}

const dg_backend *fake_backend(const fake_settings *settings)
{
    settings_now = *settings;
    memset(&fake_seen_so_far, 0, sizeof fake_seen_so_far);
    if (settings_now.meet)
        cr_assert_eq(pthread_barrier_init(&meeting, NULL, (unsigned)settings_now.devices), 0);
    backend = *dg_backend_cpu();
    backend.name = "cuda";
    backend.block = block_fake;
    backend.devices = devices_fake;
    backend.describe = describe_fake;
    backend.open = open_fake;
    backend.accepts = accepts_fake;
    backend.fits = fits_fake;
    backend.bytes_per_run = bytes_per_run_fake;
    backend.bytes_beside = bytes_beside_fake;
    backend.create = create_fake;
    backend.destroy = destroy_fake;
    backend.advance = advance_fake;
    backend.restore = restore_fake;
    backend.download = download_fake;
    return &backend;
}

dg_devices fake_devices(const fake_settings *settings)
{
    dg_devices devices;
    cr_assert_eq(
        dg_devices_of(&devices, dg_backend_cpu(), fake_backend(settings), "cuda", DG_DEVICES_ALL),
        DG_OK, "%s", dg_error());
    return devices;
}

dg_devices fake_cpu(const fake_settings *settings)
{
    dg_devices devices;
    cr_assert_eq(dg_devices_find(&devices, "cpu", DG_DEVICES_ALL), DG_OK);
    settings_now = *settings;
    memset(&fake_seen_so_far, 0, sizeof fake_seen_so_far);
    backend = *dg_backend_cpu();
    backend.advance = advance_fake;
    backend.restore = restore_fake;
    backend.download = download_fake;
    devices.device[0].backend = &backend;
    return devices;
}
