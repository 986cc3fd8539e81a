# Keeps the programs of a cluster in a temporary folder: one command a line, one answer a line. When its input ends,
# because the tests have ended in whatever way, every program is killed and the folder goes.
set -u
folder=$(mktemp -d /tmp/omniport-cluster.XXXXXX)
exec 3>&1 >"$folder/keeper.log" 2>&1
declare -A pids=()

# A process and all that came of it.
family() {
  local child
  echo "$1"
  for child in $(pgrep -P "$1"); do family "$child"; done
}
# Patroni's PostgreSQL stands beside Patroni, not under it.
server() { [ -s "$folder/$1/data/postmaster.pid" ] && family "$(head -n 1 "$folder/$1/data/postmaster.pid")"; }
members() {
  local name
  for name in "$@"; do
    [ -n "${pids[$name]:-}" ] && family "${pids[$name]}"
    server "$name"
  done
}
end() {
  # Twice: while the first shot falls, somebody may still start something.
  for _ in 1 2; do
    kill -KILL $(members "${!pids[@]}") 2>/dev/null
    sleep 0.1
  done
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' TERM INT HUP

echo "$folder" >&3
while read -r word name rest; do
  case $word in
    # The settings are in NAME.env, in the words of a shell; the rest is the program.
    start)
      # shellcheck disable=SC2086
      (set -a && . "$folder/$name.env" && set +a && exec $rest) </dev/null 3>&- >>"$folder/$name.log" 2>&1 &
      pids[$name]=$!
      ;;
    # A whole machine, or only its PostgreSQL: `kill NAME SIGNAL`, `crash NAME SIGNAL`.
    kill) kill "-$rest" $(members "$name") ;;
    crash) kill "-$rest" $(server "$name") ;;
  esac
  echo ok >&3
done
