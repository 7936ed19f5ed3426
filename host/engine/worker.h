/** A device that computes batches: the thread that takes them from the queue. */
#ifndef DG_WORKER_H
#define DG_WORKER_H

#include "host/engine/call.h"

/** The queue of batches, and the state of the devices. */
typedef struct dg_batch_queue {
    dg_engine *engine;
    dg_batch_plan *plan; /* [count] */
    size_t count;
    int threads;                /* of the host, for each device */
    double save_every;          /* seconds; INFINITY: only when stopped */
    pthread_mutex_t lock;       /* of the outcome, the log, and the fields below */
    pthread_cond_t device_done; /* a device has left the queue */
    bool halt;                  /* compute no more: a stop was requested, or a device failed */
    size_t next;                /* index of the next batch */
    int32_t room;               /* runs that there was memory for; 0: no batch has failed */
    dg_shape room_shape;        /* of the runs that `room` counts: smaller ones find more room */
    int32_t working;            /* number of devices that have not left the queue */
    double slowest_save;        /* seconds of the slowest checkpoint */
    dg_status status;           /* of the first device that failed */
    char message[1024];         /* of the first device that failed */
} dg_batch_queue;

/** A device with its thread. */
typedef struct dg_worker {
    dg_batch_queue *queue;
    const dg_device *device;
    pthread_t thread;
    volatile int pause; /* non-zero: the device stops after the current generation */
    volatile int stop;  /* non-zero: the device stops at once, if it can */
    double saved; /* dg_clock() when its batch was started or last saved; INFINITY: no batch */
} dg_worker;

/** Ask the device to stop after its generation, and at once if the call is to end. */
void dg_worker_pause(dg_worker *worker, bool pause, bool stop);

/**
 * Compute a batch, or until a stop is requested; store or save it, and add it to the outcome of the call.
 * Where there is no memory for it, in parts: half of it, half of that, down to one run.
 *
 * @return DG_OK, also after a stop; else what failed
 */
DG_MUST_CHECK dg_status dg_worker_run(dg_worker *worker, const dg_batch_plan *plan);

#endif
