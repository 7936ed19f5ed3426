# A kill at every single system call that changes a file. Sourced by tests/crash/run.
# shellcheck shell=bash disable=SC2034,SC2154,SC2153 # names that other parts set

# how many calls of a list a command makes under its folder, into `calls`
count_calls() {
    local list=$1
    shift
    faulty FAULT_CALLS="$list" -- "$@"
    calls=$(sed -n 's/^calls //p' "$here/note")
}

# killed at the k-th call of these, then the same command again
point() {
    local list=$1 k=$2 base=$3
    shift 3
    if [ "$base" != none ]; then cp -a "$work/base/$base/out" "$dir"; fi
    run_command tiny
    remember
    faulty FAULT_CALLS="$list" FAULT_AT="$k" -- "${command[@]}" --device cpu --threads 1 "$@"
    printf 'killed at call %d of %s: %s\n' "$k" "$list" "$(struck)"
    if [ "$code" -eq 137 ]; then count_kill; fi
    [ "$code" -eq 137 ] || [ -z "$(struck)" ] || fail "exit $code, expected a kill"
    if [ "$base" = none ] || [ "$base" = begun ]; then assert_kept; fi
    remember
    how=(--device cpu --threads 2 "$@")
    # damage that was repaired before the kill is found no more
    assert_goes_on tiny "$([ "$base" = none ] || echo damaged)"
    if [ "$base" = none ] || [ "$base" = begun ]; then assert_kept; fi
}

# merge, killed at the k-th call
point_of_merge() {
    cp -a "$work/base/shards/out" "$dir"
    list_batches >"$here/batches"
    faulty FAULT_CALLS="$1" FAULT_AT="$2" -- "$program" merge "$dir" --quiet
    printf 'killed at call %d of %s: %s\n' "$2" "$1" "$(struck)"
    if [ "$code" -eq 137 ]; then count_kill; fi
    go "$program" merge "$dir" --quiet
    list_batches >"$here/batches.now"
    cmp "$here/batches" "$here/batches.now" || fail 'merge has changed batches'
    assert_finished tiny
}

# all k of a list of calls; every `stride`-th in the short form, from a random one on
points_of() {
    local what=$1 list=$2 stride=$3 base=$4 k
    shift 4
    here=$work/count
    dir=$here/out
    rm -rf "$here"
    mkdir -p "$here"
    if [ "$base" != none ]; then cp -a "$work/base/$base/out" "$dir"; fi
    if [ "$base" = shards ]; then
        count_calls "$list" "$program" merge "$dir" --quiet
    else
        run_command tiny
        count_calls "$list" "${command[@]}" --device cpu --threads 1 "$@"
    fi
    if [ "$long" -eq 1 ]; then stride=1; fi
    for ((k = 1 + seed % stride; k <= calls; k += stride)); do
        if [ "$base" = shards ]; then
            case_begin "point-$what-$k" point_of_merge "$list" "$k"
        else
            case_begin "point-$what-$k" point "$list" "$k" "$base" "$@"
        fi
    done
}

crash_points() {
    # names change hands at few calls: all of them; bytes at many: some of them
    local names=create,fsync,rename,unlink,ftruncate,fallocate,mkdir,close
    points_of names "$names" 3 none --batch 2
    points_of bytes write,pwrite 30 none --batch 2
    points_of begun-names "$names" 4 begun --batch 3
    points_of begun-bytes write,pwrite 40 begun --batch 3
    points_of hurt-names "$names" 5 hurt
    points_of hurt-bytes write,pwrite 40 hurt
    points_of anew-names "$names" 7 other --overwrite
    points_of merge-names "$names" 2 shards
    points_of merge-bytes write,pwrite 60 shards
}
