# SIGKILL and other signals at random moments. Sourced by tests/crash/run.
# shellcheck shell=bash disable=SC2034,SC2154,SC2153 # names that other parts set

# a moment of a call: anywhere, or early, where starting up and going on happens
draw_moment() {
    local duration
    duration=$(duration_of "$1")
    # the machine may be slower now than when the reference was made
    duration=$((duration + duration / 8 * ${calls:-0}))
    draw 3
    if [ "$drawn" -eq 0 ]; then duration=$((duration / 5 + 1)); fi
    draw "$duration"
    moment=$drawn
}

# kill and go on until nothing is left to do; then the bytes are those of the reference
kill_until_done() {
    local name=$1 calls=0
    run_command "$name"
    while :; do
        draw_how
        draw_moment "$name"
        remember
        signal_after KILL "$moment" "${command[@]}" "${how[@]}"
        [ "$code" -eq 137 ] || break
        printf 'killed after %d us: %s\n' "$moment" "${how[*]}"
        assert_kept
        calls=$((calls + 1))
        # moments are drawn as if nothing were done yet, so most calls get somewhere
        [ "$calls" -lt 200 ] || fail 'never done'
    done
    [ "$code" -eq 0 ] || fail "exit $code, expected 0"
    assert_kept
    remember
    go "${command[@]}"
    assert_kept
    assert_finished "$name"
}

# the sweep grows from 2 seeds to 6 while it is killed
grow_until_done() {
    local seeds=2 calls=0
    while [ "$seeds" -le 6 ]; do
        # the name of the file stands in the result
        sed "s/to: 6/to: $seeds/" "$experiments/grow.yaml" >"$here/grow.yaml"
        draw_how
        draw_moment grow
        remember
        signal_after KILL "$moment" "$program" run "$here/grow.yaml" -o "$dir" --quiet "${how[@]}"
        printf 'seeds %d, after %d us: exit %d, %s\n' "$seeds" "$moment" "$code" "${how[*]}"
        [ "$code" -eq 137 ] || [ "$code" -eq 0 ] || fail "exit $code"
        assert_kept
        calls=$((calls + 1))
        draw 2
        if [ "$drawn" -eq 0 ] || [ "$code" -eq 0 ]; then seeds=$((seeds + 1)); fi
    done
    cp "$experiments/grow.yaml" "$here/grow.yaml"
    remember
    go "$program" run "$experiments/grow.yaml" -o "$dir" --quiet
    assert_kept
    assert_finished grow
}

# start over a finished sweep, killed: what is left is not taken for whole
overwrite_until_done() {
    local calls
    run_command tiny
    go "$program" run "$experiments/mixed.yaml" -o "$dir" --quiet --set generations=2
    [ "$code" -eq 0 ] || fail "exit $code, expected 0"
    for ((calls = 0; ; calls++)); do
        draw_moment tiny
        signal_after KILL "$moment" "${command[@]}" --overwrite
        printf 'killed after %d us\n' "$moment"
        [ "$code" -eq 137 ] || break
    done
    assert_finished tiny
}

random_kills() {
    local k rounds=$((long ? 20 : 2)) name
    for ((k = 0; k < rounds; k++)); do
        for name in tiny mixed traces echo; do
            case_begin "kill-$name-$k" kill_until_done "$name"
        done
        case_begin "grow-$k" grow_until_done
        case_begin "overwrite-$k" overwrite_until_done
    done
}

# ---- shards -------------------------------------------------------------------------------------

# one shard of several, killed until it is done; its exit status into a file
shard_until_done() {
    local name=$1 shard=$2 calls=0
    RANDOM=$((RANDOM + shard))
    here=$here/shard-${shard%/*}
    mkdir -p "$here"
    run_command "$name"
    while :; do
        draw_how
        draw_moment "$name"
        signal_after KILL $((moment / 2)) "${command[@]}" "${how[@]}" --shard "$shard" \
            --log "$here/log"
        [ "$code" -eq 137 ] || break
        calls=$((calls + 1))
        [ "$calls" -lt 200 ] || fail "shard $shard is never done"
    done
    [ "$code" -eq 0 ] || fail "shard $shard: exit $code, expected 0"
    awk '/runs are finished and kept/ { if ($2 < last) exit 1; last = $2 }' "$here/log" ||
        fail "shard $shard: fewer runs are kept than before"
}

# all shards at once in one folder, each killed now and then; then they are merged, killed as well
shards_then_merge() {
    local name=$1 shards=$2 k process=() sum=0
    for ((k = 1; k <= shards; k++)); do
        shard_until_done "$name" "$k/$shards" &
        process+=($!)
    done
    for k in "${process[@]}"; do wait "$k" || fail 'a shard failed'; done
    list_batches >"$here/batches"
    for ((k = 0; k < 4; k++)); do
        draw 60000
        signal_after KILL "$drawn" "$program" merge "$dir" --quiet
        [ "$code" -eq 137 ] || [ "$code" -eq 0 ] || fail "merge: exit $code"
    done
    go "$program" merge "$dir" --quiet
    list_batches >"$here/batches.now"
    cmp "$here/batches" "$here/batches.now" || fail 'merge has changed batches'
    for k in "$here" "$here"/shard-*; do
        if [ -f "$k/kills" ]; then sum=$((sum + $(cat "$k/kills"))); fi
    done
    echo "$sum" >"$here/kills"
    assert_finished "$name"
}

# shards that start at the very same moment in a folder that does not exist yet
shards_start_together() {
    local k process=()
    run_command tiny
    for k in 1 2 3 4; do
        "${command[@]}" --device cpu --threads 1 --shard "$k/4" --log "$here/log-$k" \
            2>"$here/err-$k" &
        process+=($!)
    done
    for k in 0 1 2 3; do
        wait "${process[k]}" || fail "shard $((k + 1)): exit $?: $(cat "$here/err-$((k + 1))")"
    done
    go "$program" merge "$dir" --quiet
    assert_finished tiny
}

shard_kills() {
    local k rounds=$((long ? 10 : 1))
    for ((k = 0; k < rounds; k++)); do
        case_begin "shards-mixed-$k" shards_then_merge mixed 3
        case_begin "shards-echo-$k" shards_then_merge echo 2
        case_begin "shards-traces-$k" shards_then_merge traces 4
    done
    for ((k = 0; k < 4 * rounds; k++)); do
        case_begin "together-$k" shards_start_together
    done
}

# ---- signals that ask, walltime -------------------------------------------------------------------

# agent-steps that the next call keeps: it dies before it can show the first of them. The first rename of
# status.json says that the call has begun, before it has read what there is
steps_kept() {
    under=$dir/status.json faulty FAULT_CALLS=rename FAULT_AT=2 -- "${command[@]}" "$@"
    [ "$code" -eq 137 ] || fail "exit $code, expected a kill as status.json is renamed"
    sed -n 's/.*"agent_steps_done": \([0-9]*\).*/\1/p' "$dir/status.json.part"
}

# every stop loses nothing: the next call begins at the very generation that was reached
stop_until_done() {
    local name=$1 signal done_before done_after calls=0
    run_command "$name"
    while :; do
        draw_how
        draw_moment "$name"
        draw_from TERM INT USR1 HUP
        signal=$drawn
        remember
        signal_after "$signal" "$moment" "${command[@]}" "${how[@]}"
        # before it listens a signal simply ends it
        [ "$code" -ge 128 ] && continue
        assert_kept
        [ "$code" -eq 0 ] && break
        printf '%s after %d us: exit %d\n' "$signal" "$moment" "$code"
        [ "$code" -eq 3 ] || fail "exit $code, expected 3 or 0"
        grep -q '"state": "stopped"' "$dir/status.json" || fail 'status.json does not say so'
        if [ "$name" != echo ]; then
            done_before=$(sed -n 's/.*"agent_steps_done": \([0-9]*\).*/\1/p' "$dir/status.json")
            done_after=$(steps_kept --threads 1 --device cpu)
            [ "$done_after" -ge "$done_before" ] ||
                fail "$done_before agent-steps were done, $done_after are kept"
        fi
        calls=$((calls + 1))
        [ "$calls" -lt 200 ] || fail 'never done'
    done
    assert_finished "$name"
}

signals() {
    local k rounds=$((long ? 10 : 1)) name
    for ((k = 0; k < rounds; k++)); do
        for name in mixed traces echo; do case_begin "stop-$name-$k" stop_until_done "$name"; done
    done
}

walltime_until_done() {
    local calls=0
    run_command slow
    while :; do
        remember
        go "${command[@]}" --device cpu --threads 1 --walltime 00:00:02
        assert_kept
        [ "$code" -eq 3 ] || break
        calls=$((calls + 1))
        [ "$calls" -lt 30 ] || fail 'never done'
    done
    assert_finished slow
}

walltimes() { case_begin walltime walltime_until_done; }
