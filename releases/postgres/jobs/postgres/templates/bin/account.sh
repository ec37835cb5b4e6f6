# Sourced by the other scripts: the account PostgreSQL runs as, for it refuses root.

data=/var/vcap/store/postgres/17
run=/var/vcap/sys/run/postgres
log=/var/vcap/sys/log/postgres
job=/var/vcap/jobs/postgres
export LD_LIBRARY_PATH=/var/vcap/packages/postgres/lib LC_ALL=C

if awk '{ n += $3 } END { exit n <= 1 }' /proc/self/uid_map; then
  # The group is the one that may read below /var/vcap.
  db_uid=$(id -u vcap 2>/dev/null || echo 1000)
  db_gid=$(stat -c %g /var/vcap/data)
  as_db=(setpriv --reuid "$db_uid" --regid "$db_gid" --clear-groups --)
  own() { chown -R "$db_uid:$db_gid" "$@"; }
else
  # A VM with a single uid: a nested user namespace shows that uid as an ordinary one.
  as_db=(unshare --user --map-user=1000 --map-group=1000 --)
  own() { :; }
fi

# No process of an earlier PostgreSQL may touch the data any more; only then its lock file is surely stale. The pid in it
# says nothing: a new VM counts from 1 again.
settle() {
  local comm pid
  for _ in $(seq 100); do
    pid=
    for comm in /proc/[0-9]*/comm; do
      if [ "$(cat "$comm" 2>/dev/null)" = postgres ]; then pid=${comm#/proc/} && pid=${pid%/comm}; fi
    done
    if [ -z "$pid" ]; then
      rm -f "$data/postmaster.pid"
      return 0
    fi
    kill -INT "$pid" 2>/dev/null || true
    sleep 0.2
  done
  echo "an earlier PostgreSQL does not end" >&2
  return 1
}
