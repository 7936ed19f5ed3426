# Files cut short, flipped, lost, exchanged, and files that do not belong there. Sourced by
# tests/crash/run.
# shellcheck shell=bash disable=SC2034,SC2154,SC2153 # names that other parts set

# ---- what is damaged ------------------------------------------------------------------------------

# without one of the two checkpoints, do at least this many runs continue from the other?
continues_without() {
    local checkpoint=$1 least=$2 copy=$here/copy runs
    rm -rf "$copy"
    cp -a "$dir" "$copy"
    rm "$copy/checkpoints/${checkpoint##*/}"
    lines_before=$(wc -l <"$copy/run.log")
    dir=$copy run_command tiny
    go "${command[@]}" --device cpu --threads 1 --batch 2
    runs=$(tail -n +$((lines_before + 1)) "$copy/run.log" |
        sed -n 's/.* \([0-9]*\) runs\? continues\? from a checkpoint/\1/p')
    rm -rf "$copy"
    [ "${runs:-0}" -ge "$least" ]
}

# folders to start from; `tiny` is the experiment of all:
#   begun   killed half-way: a batch, and two checkpoints of another
#   done    finished
#   hurt    begun, with a bit flipped in the batch and in the younger checkpoint
#   shards  two shards done, not merged
#   other   another experiment, finished
make_bases() {
    local base tries=0 files
    for base in begun done hurt shards other; do mkdir -p "$work/base/$base"; done
    here=$work/base/begun
    dir=$here/out
    while :; do
        rm -rf "$dir"
        run_command tiny
        # killed as it begins to write the second batch, which leaves the last two checkpoints of it; two
        # threads, so that the older one has both runs under way, and the younger one still has one; the
        # slowest instruction set, because a fast machine ends before it is asked to save
        under=$dir/batches faulty FAULT_CALLS=create FAULT_AT=2 -- "${command[@]}" --device cpu \
            --threads 2 --batch 2 --vector generic
        mapfile -t files < <(ls "$dir"/batches/*.batch "$dir"/checkpoints/*.checkpoint 2>/dev/null)
        [ "$code" -eq 137 ] && [ "${#files[@]}" -eq 3 ] && [[ ${files[1]} == *.checkpoint ]] &&
            continues_without "${files[2]}" 2 && continues_without "${files[1]}" 1 && break
        tries=$((tries + 1))
        [ "$tries" -lt 200 ] || fail 'no sweep with a batch and two checkpoints came about'
    done
    cp -a "$work/base/begun/out" "$work/base/hurt/out"
    flip_bit "$(ls "$work/base/hurt/out"/batches/*.batch)" 5600 >"$work/base/hurt/flips"
    flip_bit "$(ls "$work/base/hurt/out"/checkpoints/*.checkpoint | tail -n 1)" 5600 >>"$work/base/hurt/flips"
    here=$work/base/done
    dir=$here/out
    run_command tiny
    go "${command[@]}" --device cpu --threads 1 --batch 2
    here=$work/base/shards
    dir=$here/out
    run_command tiny
    go "${command[@]}" --device cpu --threads 1 --shard 1/2
    go "${command[@]}" --device cpu --threads 1 --shard 2/2
    here=$work/base/other
    dir=$here/out
    run_command tiny
    go "${command[@]}" --device cpu --threads 1 --set generations=2
    [ "$code" -eq 0 ] || fail "exit $code, expected 0"
}

# flip_bit FILE BIT: modulo its size
flip_bit() {
    local file=$1 size byte at
    size=$(stat -c %s "$file")
    at=$(($2 / 8 % size))
    byte=$(od -An -tu1 -j"$at" -N1 "$file")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %02x $((byte ^ (1 << ($2 % 8)))))" |
        dd of="$file" bs=1 seek="$at" conv=notrunc status=none
    printf 'flipped bit %d of byte %d of %s, %d bytes\n' $(($2 % 8)) "$at" "$file" "$size"
}

# ---- checks ---------------------------------------------------------------------------------------

# did this call tell of a file?
assert_named() {
    tail -n +$((lines_before + 1)) "$dir/run.log" | cat - "$here/err" | grep -F "$1" >/dev/null ||
        fail "nothing was said about $1"
}

# do something to a file of a base, then go on: damaged BASE FILE NAMED ACTION...
# NAMED: yes, the damage has to be told; no, it may
damaged() {
    local base=$1 file=$2 named=$3
    shift 3
    cp -a "$work/base/$base/out" "$dir"
    lines_before=$(wc -l <"$dir/run.log")
    "$@" "$dir/$file"
    printf '%s: %s of %s\n' "$*" "$file" "$base"
    how=(--device cpu --threads 1 --batch 2)
    assert_goes_on tiny damaged
    if [ "$named" = yes ]; then assert_named "$(basename "$file")"; fi
    # what the damage did not touch is used
    if [ "$base" = begun ] && [[ $file == checkpoints/* ]]; then
        tail -n +$((lines_before + 1)) "$dir/run.log" | grep -q 'from a checkpoint' ||
            fail 'the other checkpoint is not used'
        grep -q 'finished and kept' "$dir/run.log" || fail 'the batch is not used'
    fi
    # and the next call finds nothing to complain of
    lines_before=$(wc -l <"$dir/run.log")
    go "${command[@]}" "${how[@]}"
    assert_finished tiny damaged
    if tail -n +$((lines_before + 1)) "$dir/run.log" | grep -q 'damaged: '; then
        fail 'the damage is still there'
    fi
}

cut_to() { truncate -s "$1" "$2"; }
cut_by() { truncate -s "-$1" "$2"; }
cut_half() { truncate -s $(($(stat -c %s "$1") / 2)) "$1"; }
grow_by() { head -c "$1" /dev/zero >>"$2"; }
flip() {
    draw 1000000000
    flip_bit "$1" "$drawn"
}
swap() {
    local other
    other=$(ls "$(dirname "$1")"/* | grep -v "$1" | head -n 1)
    mv "$1" "$1.x"
    mv "$other" "$1"
    mv "$1.x" "$other"
}
litter() {
    local folder=$1
    echo junk >"$folder/results.nc.part"
    echo junk >"$folder/manifest.digico.part"
    echo junk >"$folder/status.json.part"
    echo junk >"$folder/provenance.json.part"
    echo junk >"$folder/notes.txt"
    echo junk >"$folder/batches/0123456789abcdef.batch.part"
    echo junk >"$folder/batches/README"
    echo junk >"$folder/batches/fedcba9876543210.batch"
    echo junk >"$folder/checkpoints/0123456789abcdef-000001.checkpoint.part"
    echo junk >"$folder/checkpoints/0123456789abcdef-000002.checkpoint"
    : >"$folder/checkpoints/0123456789abcdef-000003.checkpoint"
}

# a batch of which all runs are whole, but not what stands beside them: nothing is computed anew
keep_the_intact() {
    local batch
    cp -a "$work/base/done/out" "$dir"
    lines_before=$(wc -l <"$dir/run.log")
    batch=$(ls "$dir"/batches/*.batch | head -n 1)
    # the provenance is the first section: after the headers of the file, 32 bytes, and of the section, 48
    flip_bit "$batch" $((8 * (32 + 48 + 20)))
    how=(--device cpu --threads 1 --batch 2)
    assert_goes_on tiny damaged
    assert_named "$(basename "$batch")"
    if tail -n +$((lines_before + 1)) "$dir/run.log" | grep -q ' batch 1 of'; then
        fail 'runs that are whole were computed anew'
    fi
}

# every run of a base damaged in turn, in one file of one run each
flip_heads() {
    local batch stored
    run_command tiny
    go "${command[@]}" --device cpu --threads 1 --batch 1
    lines_before=$(wc -l <"$dir/run.log")
    batch=$(ls "$dir"/batches/*.batch | head -n 1)
    # in the contents of the second section, the head of the only run, after the provenance and its padding
    stored=$(od -An -t d8 -j $((32 + 16)) -N 8 "$batch")
    flip_bit "$batch" $((8 * (32 + 48 + (stored + 7) / 8 * 8 + 48 + 20)))
    how=(--device cpu --threads 1 --batch 2)
    assert_goes_on tiny damaged
    assert_named "$(basename "$batch")"
}

# a checkpoint that the call which finished could not remove
checkpoint_stays() {
    cp -a "$work/base/done/out" "$dir"
    cp -a "$work/base/begun/out/checkpoints/." "$dir/checkpoints"
    run_command tiny
    how=(--device cpu --threads 1)
    if [ "$1" = merge ]; then
        go "$program" merge "$dir" --quiet
        assert_finished tiny
    else
        assert_goes_on tiny
    fi
}

# two shards meet the same damage at the same time
shards_repair() {
    local k process=()
    cp -a "$work/base/hurt/out" "$dir"
    run_command tiny
    for k in 1 2 3; do
        "${command[@]}" --device cpu --threads 1 --shard "$k/3" 2>"$here/err-$k" &
        process+=($!)
    done
    for k in 0 1 2; do
        wait "${process[k]}" || fail "shard $((k + 1)): exit $?: $(cat "$here/err-$((k + 1))")"
    done
    go "$program" merge "$dir" --quiet
    assert_finished tiny damaged
}

# ---- all of them ------------------------------------------------------------------------------------

damage_file() {
    local base=$1 file=$2 named=$3 name size k flips=$((long ? 60 : 4))
    name=$base-$(basename "$file")
    size=$(stat -c %s "$work/base/$base/out/$file")
    for k in 0 1 31 32 33 80; do
        [ "$k" -ge "$size" ] || case_begin "cut-$name-$k" damaged "$base" "$file" "$named" cut_to "$k"
    done
    if [ "$size" -gt 0 ]; then
        case_begin "cut-$name-half" damaged "$base" "$file" "$named" cut_half
        case_begin "cut-$name-last" damaged "$base" "$file" "$named" cut_by 1
        for ((k = 0; k < flips; k++)); do
            case_begin "flip-$name-$k" damaged "$base" "$file" "$named" flip
        done
    fi
    case_begin "more-$name" damaged "$base" "$file" "$named" grow_by 9
    case_begin "lost-$name" damaged "$base" "$file" no rm
}

damages() {
    local base file k named
    for base in begun done; do
        while read -r file; do
            case $file in
            *.batch | *.checkpoint | manifest.digico | results.nc) named=yes ;;
            *.part | run.log) continue ;;
            *) named=no ;;
            esac
            damage_file "$base" "$file" "$named"
        done < <(cd "$work/base/$base/out" && find . -type f | sed 's,^\./,,' | sort)
    done
    file=$(cd "$work/base/done/out" && ls batches/*.batch | head -n 1)
    case_begin swap-batches damaged "done" "$file" no swap
    file=$(cd "$work/base/begun/out" && ls checkpoints/*.checkpoint | head -n 1)
    case_begin swap-checkpoints damaged begun "$file" no swap
    case_begin litter-begun damaged begun . no litter
    case_begin litter-done damaged "done" . no litter
    case_begin keep-the-intact keep_the_intact
    case_begin flip-heads flip_heads
    case_begin checkpoint-stays-run checkpoint_stays run
    case_begin checkpoint-stays-merge checkpoint_stays merge
    for ((k = 0; k < (long ? 20 : 4); k++)); do case_begin "shards-repair-$k" shards_repair; done
}
