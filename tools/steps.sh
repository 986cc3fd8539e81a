# What `./test` is made of: headings, steps that stop it, and the sum at its end. Sourced, never run.
# shellcheck shell=bash

passed=0
failed=0
current="start"
log=$(mktemp)

# The last words, however it ends: where it stopped, and the sum alone on a line.
last_words() {
  local status=$?
  rm -f "$log"
  if [ "$status" -ne 0 ]; then
    [ "$failed" -gt 0 ] || failed=1
    printf '\nFAILED in: %s (exit code %s)\n' "$current" "$status"
  fi
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
}
trap last_words EXIT

step() {
  current=$1
  printf '\n== %s\n' "$current"
}

# Says what it runs and runs it, with no standard input: nothing here may wait for a person.
run() {
  printf '$ %s\n' "$*"
  "$@" </dev/null
}

# What must fail, and say why: `refused SENTENCE COMMAND...`.
refused() {
  local sentence=$1 said
  shift
  printf '$ %s\n' "$*"
  if said=$("$@" </dev/null 2>&1); then
    echo "this was not refused" && return 1
  fi
  grep -F -- "$sentence" <<<"$said" || { echo "$said" && return 1; }
}

# The same for a test runner: adds up its closing lines (cargo's and node's), and no test at all is a failure.
counted() {
  local status=0 good bad
  run "$@" 2>&1 | tee "$log" || status=$?
  good=$(sed -nE 's/^test result: .* ([0-9]+) passed; .*/\1/p; s/^(#|ℹ) pass ([0-9]+)$/\2/p' "$log" | paste -sd+ | sum)
  bad=$(sed -nE 's/^test result: .* ([0-9]+) failed; .*/\1/p; s/^(#|ℹ) (fail|cancelled) ([0-9]+)$/\3/p' "$log" | paste -sd+ | sum)
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$status" -eq 0 ] || return "$status"
  [ "$good" -gt 0 ] || { echo "no test was run" && return 1; }
  [ "$bad" -eq 0 ] || return 1
}

# `1+2+3` on standard input, as its sum; nothing is 0.
sum() {
  local terms
  read -r terms || true
  echo $((${terms:-0}))
}

need() {
  command -v "$1" >/dev/null || { echo "$1 is missing: $2" && exit 1; }
}

# Debian packages that are not there yet: `install_debian REASON PACKAGE...`.
install_debian() {
  local reason=$1 missing=() root=()
  shift
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "installing ${missing[*]} (Debian packages, $reason)"
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  run "${root[@]}" apt-get update -q
  run "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

# The packages of a folder's lock file, unless they are there already.
install_packages() {
  need npm "install Node 20 or newer, with npm"
  [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return
  echo "installing the packages of $1/package-lock.json"
  run npm ci --prefix "$1"
}

# The packages of a folder's requirements.txt, into an environment of its own.
install_python() {
  [ "$1/.venv/installed" -nt "$1/requirements.txt" ] && return
  echo "installing the packages of $1/requirements.txt"
  run python3 -m venv "$1/.venv"
  run "$1/.venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$1/requirements.txt"
  touch "$1/.venv/installed"
}

# Ends well.
finish() {
  current="end"
  exit 0
}
