# System calls that fail. Sourced by tests/crash/run.
# shellcheck shell=bash disable=SC2034,SC2154,SC2153 # names that other parts set

# was the call one of those that nc_close() makes, behind the sync of all bytes?
died_closing() {
    [[ $(struck) == close*/results.nc.part ]] || {
        [[ $(struck) =~ ^(pwrite|ftruncate)\ .*/results.nc.part$ ]] &&
            [ "$(sed -n 's/^synced //p' "$here/note" | tail -n 1)" = "$dir/results.nc.part" ]
    }
}

# the k-th call fails, once or from then on: exit 0 with the right bytes, or 1 with one clear line
failing() {
    local list=$1 k=$2 error=$3 lasting=$4 base=$5
    if [ "$base" != none ]; then cp -a "$work/base/$base/out" "$dir"; fi
    run_command tiny
    remember
    faulty FAULT_CALLS="$list" FAULT_AT="$k" FAULT_DO="$error" FAULT_ON="$lasting" -- \
        "${command[@]}" --device cpu --threads 1 --batch 2
    printf '%s at call %d of %s, lasting %d: %s: exit %d\n' "$error" "$k" "$list" "$lasting" \
        "$(struck)" "$code"
    if [ "$code" -eq 0 ]; then
        cmp "$dir/results.nc" "$work/reference/tiny/results.nc" || fail 'exit 0, results.nc differs'
    elif [ "$code" -eq 139 ] && died_closing; then
        # known: netCDF 4.9 reports what HDF5 left open, and HDF5 crashes. All bytes were synced before:
        # only the last words of nc_close(), over blocks that are there, can still be refused
        echo 'crashed inside nc_close()'
    else
        assert_failed_clearly
        # the last line that a call writes is no reason to hide what went wrong first
        [ "$lasting" -eq 0 ] || [[ $(struck) == *status.json* ]] ||
            ! grep -q 'status\.json' "$here/err" || fail 'the line names status.json'
    fi
    # what a disk no longer reads is computed anew
    if [ "$base" != hurt ] && [ "$list" != read ]; then assert_kept; fi
    remember
    how=(--device cpu --threads 2 --batch 3)
    assert_goes_on tiny "$([ "$base" != hurt ] && [ "$list" != read ] || echo damaged)"
    if [ "$base" != hurt ] && [ "$list" != read ]; then assert_kept; fi
}

# all checkpoints fail: the runs go on, and the log says so; runs of seconds, so that some are tried
no_checkpoints() {
    run_command slow
    under=$dir/checkpoints/ faulty FAULT_CALLS="$1" FAULT_AT=1 FAULT_DO=ENOSPC FAULT_ON=1 -- \
        "${command[@]}" --device cpu --threads 1 --batch 2
    assert_finished slow
    grep -q "no checkpoint, the runs continue: $dir/checkpoints/.*No space left" "$dir/run.log" ||
        fail 'run.log does not tell of the checkpoint that failed'
}

# a file system that cannot allocate ahead
no_allocating() {
    run_command tiny
    faulty FAULT_CALLS=fallocate FAULT_AT=1 FAULT_DO=EOPNOTSUPP FAULT_ON=1 -- \
        "${command[@]}" --device cpu --threads 1 --batch 2
    assert_finished tiny
}

# a power cut is not a kill: no name may change hands before the bytes are on disk, and then the folder
synced_before_renamed() {
    run_command tiny
    faulty FAULT_CALLS=write,pwrite,ftruncate,fsync,rename FAULT_TRACE=1 -- "${command[@]}" \
        --device cpu --threads 1 --batch 2
    assert_finished tiny
    # status.json is for those who poll, and may be lost
    awk '
        $2 ~ /status\.json/ { next }
        $1 == "rename" {
            renamed++
            if (unsynced[$2 ".part"] || waiting) { print "not synced: " $2; exit 1 }
            waiting = $2
            next
        }
        $1 == "fsync" { unsynced[$2] = 0 }
        $1 == "fsync" && waiting != "" && index(waiting, $2 "/") == 1 { waiting = "" }
        $1 ~ /write|ftruncate/ { unsynced[$2] = 1 }
        END { if (waiting != "" || renamed < 5) { print "not synced: " waiting; exit 1 } }
    ' "$here/note" || fail 'renamed before it was synced'
}

failures_of() {
    local what=$1 list=$2 stride=$3 base=$4 k error lasting
    here=$work/count
    dir=$here/out
    rm -rf "$here"
    mkdir -p "$here"
    if [ "$base" != none ]; then cp -a "$work/base/$base/out" "$dir"; fi
    run_command tiny
    count_calls "$list" "${command[@]}" --device cpu --threads 1 --batch 2
    shift 4
    [ "$long" -eq 0 ] || stride=1
    for error in "$@"; do
        for lasting in 0 1; do
            for ((k = 1 + (seed + lasting) % stride; k <= calls; k += stride)); do
                case_begin "fail-$what-$error-$lasting-$k" failing "$list" "$k" "$error" "$lasting" \
                    "$base"
            done
        done
    done
}

failing_calls() {
    failures_of names create,fsync,rename,unlink,ftruncate,mkdir,close 11 none ENOSPC EIO
    failures_of bytes write,pwrite 110 none ENOSPC EIO EDQUOT
    failures_of space fallocate 3 none ENOSPC EDQUOT
    failures_of open open 19 begun EMFILE EACCES
    failures_of read read 25 begun EIO
    failures_of hurt create,fsync,rename,unlink,write 40 hurt ENOSPC
    case_begin no-checkpoints-create no_checkpoints create
    case_begin no-checkpoints-write no_checkpoints write
    case_begin no-checkpoints-fsync no_checkpoints fsync
    case_begin synced-before-renamed synced_before_renamed
    case_begin no-allocating no_allocating
}
