#!/bin/sh
# Runs the test suites and adds them up: test.sh full|quick|fuzz|lab|lab-qtest|cross|recipes
# The last line is "N passed, N failed[, N skipped]"; the exit code is 1 when anything failed.
#   full   specs, the same under ASan+UBSan+LSan, fuzz targets, C examples, the short lab, lint
#   quick  specs in the normal program, C examples
#   fuzz   fuzz targets only (FUZZ_SECONDS each)
#   lab    guests with real kernels, a short choice (LAB_CASES), where `make lab` has been run
#   lab-qtest   what compares our models with QEMU's
#   recipes   the commands of the recipes for Buildroot and Yocto, with stand-ins for what those provide
#   cross  programs for boards, under QEMU's user-mode emulation: they start and the examples run
# A fuzz target, a C example and the lint count as one test each.
set -u
mode=${1:-full}
seconds=${FUZZ_SECONDS:-10}
passed=0 failed=0 skipped=0
log=$(mktemp)
logs=$(mktemp -d)
trap 'rm -rf "$log" "$logs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

heading() { printf '\n== %s\n' "$1"; }

# One process for each spec file, as many at once as there are processors: a file that is alone with its
# program needs a fifth of the time, for busted keeps all it has seen and each spec collects garbage.
# Exit codes 124 and 137 are the time limit. LUNQ_BIN is the program, for specs that start it themselves.
# shellcheck disable=SC2016
run_file='
  f=$1
  out=$LOGS/$(echo "$f" | tr / .)
  timeout --foreground -k 10 600 "$LUNQ_BIN" test -o plainTerminal "$f" >"$out" 2>&1 </dev/null
  echo "exit code $?" >>"$out"'

# "12 successes / 0 failures / 0 errors / 1 pending : 0.1 seconds", and the exit code after it
summary() { # log: prints successes, failures and errors, pending, exit code
  sed -n -E 's,^([0-9]+) success(es)? / ([0-9]+) failures? / ([0-9]+) errors? / ([0-9]+) pending.*,\1 \3 \4 \5,p;
    s,^exit code ([0-9]+)$,\1,p' "$1" | tail -n 2 | tr '\n' ' '
}

specs() { # name, program, folder or file...
  heading "$1"
  export LUNQ_BIN="$PWD/$2" LOGS="$logs"
  shift 2
  rm -f "$logs"/*
  find "$@" -name '*_spec.lua' | sort | xargs -P "$(nproc)" -n 1 sh -c "$run_file" file
  p=0 f=0
  for out in "$logs"/*; do
    # shellcheck disable=SC2046
    set -- $(summary "$out")
    if [ $# -lt 5 ]; then
      cat "$out"
      echo "-> $(basename "$out"): no summary: the run counts as one failure"
      f=$((f + 1))
      continue
    fi
    p=$((p + $1)) f=$((f + $2 + $3)) skipped=$((skipped + $4))
    if [ $(($2 + $3)) != 0 ]; then
      cat "$out"
      echo "-> in $(basename "$out")"
    elif [ "$5" != 0 ]; then
      cat "$out"
      echo "-> $(basename "$out"): no spec failed but the exit code is $5 (a leak?): counts as one failure"
      f=$((f + 1))
    fi
  done
  echo "$p passed, $f failed"
  passed=$((passed + p)) failed=$((failed + f))
}

one() { # name, command...: a test that is right when the command succeeds
  name=$1
  shift
  if "$@" >"$log" 2>&1 </dev/null; then
    echo "ok      $name"
    passed=$((passed + 1))
  else
    echo "FAILED  $name (exit code $?)"
    tail -n 60 "$log"
    failed=$((failed + 1))
  fi
}

# Device trees as blobs, of the specs' sources and the corpus.
fdt_seeds() { # folder
  for f in spec/design/fixtures/*.dts "${LUNQ_CORPUS:-../shared/corpus}"/files/dts/*; do
    [ -e "$f" ] || continue
    { grep -q /dts-v1/ "$f" || echo '/dts-v1/; /plugin/;'; cat "$f"; } |
      dtc -q -@ -I dts -O dtb -o "$1/$(basename "$f").dtb"
  done
  cp "${LUNQ_CORPUS:-../shared/corpus}"/files/dtbo/* "$1/" 2>/dev/null || true
}

# Inputs to start from: fuzz/corpus/TARGET, what specs and examples have of that kind, and what the script
# fuzz/seeds/TARGET.lua makes. New inputs go to a folder under build/, so that a run leaves the checkout as
# it was.
fuzz_one() { # target
  t=$1
  mkdir -p "build/fuzz/found/$t" "build/fuzz/crash" "build/fuzz/seeds/$t"
  for f in fuzz/corpus/"$t"/* spec/*/fixtures/*."${t#fuzz_}" overlays/*/*."${t#fuzz_}"; do
    [ -e "$f" ] && cp "$f" "build/fuzz/seeds/$t/"
  done
  [ "$t" != fuzz_fdt ] || fdt_seeds "build/fuzz/seeds/$t" || return 1
  if [ -e "fuzz/seeds/$t.lua" ]; then
    build/lunq "fuzz/seeds/$t.lua" "build/fuzz/seeds/$t" || return
  fi
  set -- "build/fuzz/found/$t" "build/fuzz/seeds/$t"
  "build/fuzz/$t" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/crash/$t-" "$@"
}

fuzz() {
  heading "fuzz targets, $seconds s each"
  for f in fuzz/fuzz_*.c; do
    t=$(basename "$f" .c)
    one "$t" fuzz_one "$t"
  done
}

# What a user of liblunq does: install, compile against it, run with the shared library.
installed_example() {
  root=$PWD/build/installed
  rm -rf "$root"
  "${MAKE:-make}" -s --no-print-directory install PREFIX= DESTDIR="$root" &&
    "${CC:-cc}" docs/c-example/loopback.c -I"$root/include/lunq" -L"$root/lib" -llunq \
      -o "$root/loopback" &&
    LD_LIBRARY_PATH=$root/lib "$root/loopback" overlays/dma_loopback/dma_loopback.hwh &&
    "$root/bin/lunq" "$root/share/lunq/overlays/dma_loopback/demo.lua"
}

examples() {
  heading "C examples"
  for ip in axi_dma axi_dma_sg; do
    one "docs/c-example/loopback.c with $ip" \
      build/example/loopback overlays/dma_loopback/dma_loopback.hwh "$ip"
  done
  one "an installed liblunq and lunq" installed_example
}

# Bytes a static program may have, stripped: what boards with little flash were promised.
static_limit=2000000

# busted and the specs on a static program, which loads no C modules: tools/static/modules stands in for them.
static_specs() { # command that runs the program...
  LUA_PATH="$PWD/tools/static/modules/?.lua;;" "$@" test spec/mmio spec/register
}

# The packed modules lack comments: none that help() shows.
static_whole() { # folder, command that runs the program...
  out=$1/reference.md
  shift
  "$@" reference >"$out" && ${qemu} "${out%/static/*}/lunq" reference | diff - "$out"
}

small_enough() { # program
  bytes=$(stat -c %s "$1")
  [ "$bytes" -lt "$static_limit" ] || { echo "$1 has $bytes bytes; $static_limit are the limit"; return 1; }
}

# A program for another processor, dynamic or static: prints its size, runs the examples.
cross_one() { # triplet, qemu, folder of the program
  qemu="$2 -L /usr/$1 -E LD_LIBRARY_PATH=build/sysroot/$1/usr/lib/$1:build/sysroot/$1/lib/$1"
  "$1-strip" -o "$3/lunq.stripped" "$3/lunq" || return 1
  $qemu "$3/lunq.stripped" -e 'print(_VERSION, 1 << 40)' || return 1
  for o in adder dma_loopback; do $qemu "$3/lunq.stripped" "overlays/$o/demo.lua" || return 1; done
  case $3 in */static) small_enough "$3/lunq.stripped" && static_whole "$3" $qemu "$3/lunq.stripped" &&
    static_specs $qemu "$3/lunq.stripped" ;; esac
}

cross() {
  heading "programs for boards"
  for t in aarch64-linux-gnu:qemu-aarch64 arm-linux-gnueabihf:qemu-arm; do
    for d in "build/${t%:*}" "build/${t%:*}/static"; do
      one "$d/lunq under ${t#*:}" cross_one "${t%:*}" "${t#*:}" "$d"
      [ ! -e "$d/lunq.stripped" ] || printf '        %d bytes stripped\n' "$(stat -c %s "$d/lunq.stripped")"
    done
  done
}

recipes() {
  heading "recipes, without the projects they are for"
  for r in buildroot yocto; do
    one "tools/$r" sh tools/recipe-check.sh "$r" "build/recipe-check/$r"
  done
}

# Guests with real kernels, where `make lab` has left them: the cases that take a minute or two. The rest is for
# `make lab` itself.
lab() {
  heading "lab: $lab_cases"
  if [ ! -d "$LAB_DIR/mod" ]; then
    echo "skipped: make lab has not been run here"
    return
  fi
  "${MAKE:-make}" --no-print-directory lab LAB_DIR="$LAB_DIR" CASES="$lab_cases" >"$log" 2>&1 </dev/null
  counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1)
  [ "${counts:-0 1}" != "0 1" ] || tail -n 60 "$log"
  counts=${counts:-0 1}
  grep -A 20 '^FAIL ' "$log"
  echo "${counts% *} passed, ${counts#* } failed"
  passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
}
LAB_DIR=${LAB_DIR:-$PWD/build/lab}
lab_cases=${LAB_CASES:-served-zynq lunq-virt}

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

case $mode in
  full)
    specs "specs" build/lunq spec overlays
    examples
    specs "specs under ASan, UBSan and LSan" build/asan/lunq spec overlays
    fuzz
    lab
    heading "lint"
    one "lint" "${MAKE:-make}" --no-print-directory lint
    ;;
  quick)
    specs "specs" build/lunq spec overlays
    examples
    ;;
  fuzz) fuzz ;;
  cross) cross ;;
  recipes) recipes ;;
  lab) lab ;;
  lab-qtest) specs "sim and QEMU, the same drivers" build/lunq lab/qtest ;;
  *) echo "usage: test.sh full|quick|fuzz|lab|lab-qtest|cross|recipes" >&2; exit 2 ;;
esac

printf '\n%d passed, %d failed' "$passed" "$failed"
[ "$skipped" = 0 ] || printf ', %d skipped' "$skipped"
printf '\n'
[ "$failed" = 0 ]
