# Cases, side by side, and what they all check. Sourced by tests/crash/run.
# shellcheck shell=bash disable=SC2034,SC2154,SC2153 # names that other parts set

# ---- cases --------------------------------------------------------------------------------------

running=0

# case NAME FUNCTION ARGUMENT...: run it in a folder of its own, in the background
case_begin() {
    local name=$1
    # shellcheck disable=SC2254 # a pattern is what --only takes
    case $name in $only) ;; *) return 0 ;; esac
    if [ "$running" -ge "$jobs" ]; then
        wait -n || true
        running=$((running - 1))
    fi
    case_run "$@" &
    running=$((running + 1))
}

case_run() {
    local name=$1 code=0
    shift
    here=$work/$name
    dir=$here/out
    rm -rf "$here"
    mkdir -p "$here"
    # moments and places depend on the seed and the name alone
    RANDOM=$(($(cksum <<<"$seed $name" | cut -d' ' -f1) % 32768))
    # in the background, so that -e holds inside
    (
        set -e
        "$@"
    ) >"$here/said" 2>&1 &
    wait $! || code=$?
    if [ "$code" -eq 0 ]; then
        echo "pass $name $(cat "$here/kills" 2>/dev/null || echo 0)" >>"$work/results"
        rm -rf "$here"
        return
    fi
    echo "fail $name 0" >>"$work/results"
    {
        printf 'FAIL %s\n' "$name"
        tail -n 20 "$here/said" | sed 's/^/    /'
        printf '    kept in %s; again: SEED=%s make test-crash only=%s\n' "$here" "$seed" "$name"
    } >&2
}

cases_end() {
    wait
    running=0
}

# a scenario, and how long it took
scenario() {
    local name=$1 since=$SECONDS
    "$name"
    cases_end
    printf '  %-20s %4d s\n' "$name" $((SECONDS - since))
}

all_scenarios() {
    local name
    for name in random_kills shard_kills signals walltimes crash_points failing_calls full_disks \
        damages; do
        scenario "$name"
    done
}

report() {
    local passed failed kills
    passed=$(grep -c '^pass' "$work/results" || true)
    failed=$(grep -c '^fail' "$work/results" || true)
    kills=$(awk '{ n += $3 } END { print n + 0 }' "$work/results")
    printf '%d SIGKILLs in %d cases, %d s\n' "$kills" $((passed + failed)) $((SECONDS - begin))
    printf '%d passed, %d failed\n' "$passed" "$failed"
    if [ "$failed" -gt 0 ] || [ "$passed" -eq 0 ]; then
        printf 'repeat with: SEED=%s; folders are kept in %s\n' "$seed" "$work" >&2
        exit 1
    fi
    rm -rf "$work"
}

fail() {
    printf '%s\n' "$*"
    if [ -s "$here/err" ]; then sed 's/^/stderr: /' "$here/err"; fi
    exit 1
}

# one more SIGKILL that has hit
count_kill() {
    echo $(($(cat "$here/kills" 2>/dev/null || echo 0) + 1)) >"$here/kills"
}

# random number 0 ... $1 - 1, into `drawn`: no subshell, which would draw the same one again and again
draw() {
    drawn=$(((RANDOM * 32768 + RANDOM) % $1))
}

# one of the arguments, into `drawn`
draw_from() {
    draw $#
    shift "$drawn"
    drawn=$1
}

# ---- running ------------------------------------------------------------------------------------

# run it to its end, whatever that is: exit status into `code`
go() {
    code=0
    # bash tells of kills on its own stderr, one line each: they are what is tested
    { "$@" >"$here/stdout" 2>"$here/err" || code=$?; } 2>/dev/null
}

# the same, with the fault library and its settings in front: faulty FAULT_AT=3 ... -- command
faulty() {
    local settings=()
    while [ "$1" != -- ]; do
        settings+=("$1")
        shift
    done
    shift
    rm -f "$here/note"
    go env FAULT_UNDER="${under:-$dir}" FAULT_NOTE="$here/note" "${settings[@]}" \
        LD_PRELOAD="$fault" "$@"
}

# the call that was hit, "" if there were fewer
struck() {
    grep ' /' "$here/note" 2>/dev/null | grep -v '^synced' | head -n 1 || true
}

# run it, send a signal after so many microseconds; exit status into `code`
signal_after() {
    local signal=$1 moment=$2 process
    shift 2
    code=0
    # bash has background processes ignore SIGINT, which the program respects
    env --default-signal=INT "$@" >"$here/stdout" 2>"$here/err" &
    process=$!
    sleep "$(printf '%d.%06d' $((moment / 1000000)) $((moment % 1000000)))"
    kill -"$signal" "$process" 2>/dev/null || true
    { wait "$process" || code=$?; } 2>/dev/null
    if [ "$signal" = KILL ] && [ "$code" -eq 137 ]; then count_kill; fi
}

# how to compute, at random: no result depends on it
draw_how() {
    draw_from 1 2
    how=(--device cpu --threads "$drawn")
    draw_from 1 2 3 5 0
    if [ "$drawn" -gt 0 ]; then how+=(--batch "$drawn"); fi
}

# an experiment as the unbroken run computed it
run_command() {
    command=("$program" run "$experiments/$1.yaml" -o "$dir" --quiet)
}

# ---- references ---------------------------------------------------------------------------------

# made once, never interrupted: results.nc, and in `microseconds` how long they took
make_references() {
    local name start
    for name in tiny mixed traces grow echo slow; do
        here=$work/reference/$name
        dir=$here
        mkdir -p "$here"
        run_command "$name"
        start=${EPOCHREALTIME/./}
        go "${command[@]}" --device cpu --threads 1 --batch 2
        [ "$code" -eq 0 ] || fail "no reference of $name: exit $code"
        echo $((${EPOCHREALTIME/./} - start)) >"$here/microseconds"
        # in one piece, too: what goes wrong in pieces each time shows here
        dir=$here/whole
        run_command "$name"
        go "${command[@]}" --device cpu --threads 2
        assert_finished "$name"
        rm -rf "$dir"
    done
}

duration_of() {
    cat "$work/reference/$1/microseconds"
}

# ---- checks -------------------------------------------------------------------------------------

# exit 0, the bytes of the reference, and nothing left that is not needed
assert_finished() {
    [ "$code" -eq 0 ] || fail "exit $code, expected 0"
    cmp "$dir/results.nc" "$work/reference/$1/results.nc" || fail 'results.nc differs'
    local left
    left=$(find "$dir" -name '*.part' -o -path '*/checkpoints/*' ! -name '*.damaged')
    [ -z "$left" ] || fail "left behind: $left"
    # every batch has runs that no other has: none was computed twice
    if [ "${2:-}" != damaged ]; then
        [ "$(find "$dir/batches" -name '*.batch' | wc -l)" -eq \
            "$(grep -c '"file":' "$dir/provenance.json")" ] || fail 'runs were computed twice'
    fi
}

# exit 1, and one line that names a file of the directory, after warnings: those stand in the log, too, unless
# the log was what could not be opened or written
assert_failed_clearly() {
    local line
    [ "$code" -eq 1 ] || fail "exit $code, expected 1"
    while read -r line; do
        grep -qF -- "${line#digico: }" "$dir/run.log" || grep -q '^open ' "$here/note" ||
            grep -qF "$dir/run.log: cannot append" "$here/err" || fail 'expected one line beside warnings'
    done < <(head -n -1 "$here/err")
    tail -n 1 "$here/err" | grep "^digico: .*$dir" >/dev/null || fail 'the line names no file'
}

# what stands in batches/ may never change: see batches_kept
list_batches() {
    (
        cd "$dir/batches" 2>/dev/null || exit 0
        shopt -s nullglob
        set -- *.batch
        if [ $# -gt 0 ]; then
            stat -c '%n %i %s %y' "$@"
            cksum "$@"
        fi
    ) | sort
}

remember() {
    list_batches >"$here/batches"
    lines_before=0
    if [ -f "$dir/run.log" ]; then lines_before=$(wc -l <"$dir/run.log"); fi
    # a checkpoint that is younger than all batches holds runs that none of them has
    newest=$(cd "$dir" 2>/dev/null && ls -t --time=ctime batches/*.batch checkpoints/*.checkpoint 2>/dev/null |
        head -n 1) || true
}

# after a call that followed `remember`: no finished batch was touched, and the call went on from there
assert_kept() {
    list_batches >"$here/batches.now"
    [ -z "$(comm -23 "$here/batches" "$here/batches.now")" ] ||
        fail "finished batches changed: $(comm -3 "$here/batches" "$here/batches.now")"
    [ -f "$dir/run.log" ] || return 0
    tail -n +$((lines_before + 1)) "$dir/run.log" >"$here/log"
    # killed before it had begun to compute: it said nothing
    grep -Eq ' (batch [0-9]+ of|done|stopped)' "$here/log" || return 0
    # the last word was of a checkpoint: it is there, or the batch is
    if [ "$(grep -Eo ' (batch [0-9]+ of|checkpoint [0-9]+ of|stopped|done)' "$here/log" | tail -n 1 |
        cut -d' ' -f2)" = checkpoint ] && ! ls "$dir"/checkpoints/*.checkpoint >"$here/ls" 2>&1; then
        # two lines for each batch
        [ "$(comm -13 "$here/batches" "$here/batches.now" | wc -l)" -ge \
            $((2 * $(grep -c ' batch [0-9]* of ' "$here/log"))) ] || fail 'a checkpoint is lost'
    fi
    if [ -s "$here/batches" ]; then
        # the last line tells it, too, where nothing was left to do
        grep -Eq 'runs are finished and kept|[1-9][0-9]* of them in earlier calls' "$here/log" ||
            fail 'finished runs are not kept'
    fi
    if [[ $newest == checkpoints/* ]]; then
        grep -Eq 'from a checkpoint|finished and kept|of them in earlier calls' "$here/log" ||
            fail "$newest is not used"
    fi
    # "N of M runs are finished and kept", over all calls so far
    awk '/runs are finished and kept/ { if ($2 < last) exit 1; last = $2 }' "$dir/run.log" ||
        fail 'fewer runs are kept than before'
}

# to the end, without a fault
assert_goes_on() {
    run_command "$1"
    go "${command[@]}" "${how[@]}"
    assert_finished "$1" "${2:-}"
}
