#!/bin/sh
# Audits the two synthetic tables of sample_data: one leaks, the other does not.
# Usage: demo.sh SYNTHAUDIT OUT
set -u
synthaudit=$1
out=$2
here=$(dirname "$0")

run() {  # run NAME EXPECTED_EXIT
  "$synthaudit" audit --train "$here/train.csv" --holdout "$here/holdout.csv" \
    --synthetic "$here/synthetic_$1.csv" --out "$out/demo-$1" --shadows 8
  code=$?
  if [ "$code" -ne "$2" ]; then
    echo "demo: expected exit code $2 for synthetic_$1.csv, got $code" >&2
    exit 1
  fi
}

echo "== 1. A synthetic table from a generator that memorises (expect FAIL)"
run leaky 1
echo
echo "== 2. A synthetic table from a generator that generalises (expect PASS)"
run safe 0
echo
echo "The demo is done: the leaky table was refused and the other one was not."
echo "Open $out/demo-leaky/report.html and $out/demo-safe/report.html in a browser."
