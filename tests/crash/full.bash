# Disks that fill up: a small tmpfs, which is then made larger. Sourced by tests/crash/run.
# shellcheck shell=bash disable=SC2034,SC2154,SC2153 # names that other parts set

# in a name space of its own, so that the mount ends with it
as_mounter() {
    if [ "$(id -u)" -eq 0 ]; then
        unshare -m "$@"
    else
        unshare -Urm "$@"
    fi
}

can_mount() {
    # shellcheck disable=SC2016 # the shell inside expands it
    as_mounter bash -c 'mount -t tmpfs -o size=64k none "$1"' bash "$1" 2>/dev/null
}

# called anew by the shell inside; everything it needs comes in the environment
full_disk_inside() {
    local name=$1 kilobytes=$2
    mkdir -p "$here/disk"
    mount -t tmpfs -o size="${kilobytes}k" none "$here/disk"
    dir=$here/disk/out
    run_command "$name"
    go "${command[@]}" --device cpu --threads 1 --batch 2
    printf '%d kB: exit %d\n' "$kilobytes" "$code"
    if [ "$code" -ne 0 ]; then assert_failed_clearly; fi
    remember
    # no better while it is full
    go "${command[@]}" --device cpu --threads 1 --batch 2
    if [ "$code" -ne 0 ]; then assert_failed_clearly; fi
    mount -o remount,size=64m "$here/disk"
    how=(--device cpu --threads 1 --batch 3)
    assert_goes_on "$name"
    assert_kept
}

full_disk() {
    export program fault work experiments here
    export -f full_disk_inside run_command go assert_failed_clearly assert_finished assert_goes_on \
        assert_kept remember list_batches fail
    as_mounter bash -ec 'full_disk_inside "$@"' bash "$@"
}

full_disks() {
    local name size step=$((long ? 4 : 64)) last
    mkdir -p "$work/mount"
    if ! can_mount "$work/mount"; then
        echo '  full_disks: SKIP: neither root nor a user name space may mount a tmpfs here'
        return
    fi
    for name in tiny traces; do
        # results.nc claims a megabyte more than it needs
        last=$(du -sk --apparent-size "$work/reference/$name" | cut -f1)
        for ((size = 4 + seed % step / 4 * 4; size < last + 1200; size += size < last ? step : 4 * step)); do
            case_begin "full-$name-$size" full_disk "$name" "$size"
        done
    done
}
