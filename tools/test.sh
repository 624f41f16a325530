#!/bin/sh
# Runs the test suites and adds them up: test.sh full|quick|fuzz|lab-qtest
# The last line is "N passed, N failed[, N skipped]"; the exit code is 1 when anything failed.
#   full   specs, the same under ASan+UBSan+LSan, fuzz targets, C examples, lint
#   quick  specs in the normal program, C examples
#   fuzz   fuzz targets only (FUZZ_SECONDS each)
#   lab-qtest   what compares our models with QEMU's
# A fuzz target, a C example and the lint count as one test each.
set -u
mode=${1:-full}
seconds=${FUZZ_SECONDS:-10}
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

heading() { printf '\n== %s\n' "$1"; }

# The program under test, for specs that start it themselves.
specs() { # name, program, folder or file...: those of .busted when none is given
  heading "$1"
  status=0
  program=$2
  shift 2
  LUNQ_BIN=$PWD/$program timeout --foreground -k 10 900 "$program" test -o plainTerminal "$@" >"$log" 2>&1 </dev/null ||
    status=$?
  cat "$log"
  # "12 successes / 0 failures / 0 errors / 1 pending : 0.1 seconds"
  line=$(grep -E '^[0-9]+ success(es)? / [0-9]+ failures? / [0-9]+ errors? / [0-9]+ pending' "$log" |
    tail -n 1)
  # shellcheck disable=SC2086
  set -- $(echo "$line" | tr -c '0-9\n' ' ')
  if [ $# -lt 4 ]; then
    echo "-> no summary, exit code $status: the run counts as one failure"
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + $1)) failed=$((failed + $2 + $3)) skipped=$((skipped + $4))
  if [ $(($2 + $3)) = 0 ] && [ $status != 0 ]; then
    echo "-> no spec failed but the exit code is $status (a leak?): counts as one failure"
    failed=$((failed + 1))
  fi
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

# Inputs to start from: fuzz/corpus/TARGET and what specs and examples have of that kind. New inputs
# go to a folder under build/, so that a run leaves the checkout as it was.
fuzz_one() { # target
  t=$1
  mkdir -p "build/fuzz/found/$t" "build/fuzz/crash" "build/fuzz/seeds/$t"
  for f in fuzz/corpus/"$t"/* spec/*/fixtures/*."${t#fuzz_}" overlays/*/*."${t#fuzz_}"; do
    [ -e "$f" ] && cp "$f" "build/fuzz/seeds/$t/"
  done
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

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

case $mode in
  full)
    specs "specs" build/lunq
    examples
    specs "specs under ASan, UBSan and LSan" build/asan/lunq
    fuzz
    heading "lint"
    one "lint" "${MAKE:-make}" --no-print-directory lint
    ;;
  quick)
    specs "specs" build/lunq
    examples
    ;;
  fuzz) fuzz ;;
  lab-qtest) specs "sim and QEMU, the same drivers" build/lunq lab/qtest ;;
  *) echo "usage: test.sh full|quick|fuzz|lab-qtest" >&2; exit 2 ;;
esac

printf '\n%d passed, %d failed' "$passed" "$failed"
[ "$skipped" = 0 ] || printf ', %d skipped' "$skipped"
printf '\n'
[ "$failed" = 0 ]
