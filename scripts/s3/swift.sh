#!/bin/bash
# OpenStack Swift with the s3api middleware: one replica, one device, all on 127.0.0.1. No systemd, no containers.
# Called by scripts/s3-server: swift.sh start|stop|kill9|alive|env DIR PORT
# DIR must be on a filesystem with user extended attributes. Takes PORT (S3) and the four ports after it.
set -euo pipefail
verb=$1 dir=$(mkdir -p "$2" && cd "$2" && pwd -P) port=$3
workers=${WORKERS:-2}
user=test:tester secret=testing
daemons="proxy object container account memcached"

print_env() {
  printf 'S3_TEST_ENDPOINT=http://127.0.0.1:%s\nS3_TEST_KEY=%s\nS3_TEST_SECRET=%s\nS3_TEST_REGION=us-east-1\n' \
    "$port" "$user" "$secret"
}

# The recorded process, if it still is one of ours: its pid may have gone to another process since.
pid_of() {
  local pid
  pid=$(cat "$dir/run/$1.pid" 2>/dev/null) || return 0
  if [ -n "$pid" ] && grep -qzF "$dir/" "/proc/$pid/cmdline" 2>/dev/null; then echo "$pid"; fi
}

# Zombies count as gone: a container's first process may reap them late.
group_lives() { ps -o stat= -g "$1" 2>/dev/null | grep -qv '^Z'; }

signal_all() {
  local name pid pids=()
  for name in $daemons; do
    pid=$(pid_of "$name")
    [ -n "$pid" ] || continue
    pids+=("$pid")
    kill "$1" -- -"$pid" 2>/dev/null || true
  done
  for pid in "${pids[@]}"; do
    for tenths in $(seq 100); do
      group_lives "$pid" || break
      [ "$tenths" -lt 20 ] || kill -9 -- -"$pid" 2>/dev/null || true
      sleep 0.1
    done
  done
  rm -f "$dir"/run/*.pid
}

# A process group of its own for each daemon, so that its workers end with it.
launch() {
  local name=$1
  shift
  [ -z "$(pid_of "$name")" ] || return 0
  setsid nice -n 5 "$@" >>"$dir/log/$name.out" 2>&1 </dev/null &
  echo $! >"$dir/run/$name.pid"
}

configure() {
  local etc=$dir/etc offset=1 type count step
  [ ! -e "$etc/.made" ] || return 0
  mkdir -p "$etc"
  printf '[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n[storage-policy:0]\nname = one\ndefault = yes\n' \
    >"$etc/swift.conf"
  for type in account container object; do
    for step in "create 4 1 0" "add r1z1-127.0.0.1:$((port + offset))/d1 1" rebalance; do
      # `rebalance` exits 1 for its warning about a single device; the ring exists all the same.
      (cd "$etc" && swift-ring-builder "$etc/$type.builder" $step) >>"$dir/log/init.out" 2>&1 || [ -s "$etc/$type.ring.gz" ]
    done
    count=1
    [ $type != object ] || count=$workers
    cat >"$etc/$type-server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $((port + offset))
workers = $count
user = $(id -un)
swift_dir = $etc
devices = $dir/dev
mount_check = false
fallocate_reserve = 0
log_level = ERROR
backlog = 1024
[pipeline:main]
pipeline = $type-server
[app:$type-server]
use = egg:swift#$type
CONF
    offset=$((offset + 1))
  done
  cat >"$etc/proxy-server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = $workers
user = $(id -un)
swift_dir = $etc
log_level = ERROR
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
$(for filter in catch_errors gatekeeper healthcheck listing_formats bulk copy slo dlo symlink; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' $filter $filter
  done)
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$((port + 4))
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
check_bucket_owner = false
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = $secret .admin
CONF
  touch "$etc/.made"
}

answers() { [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1/healthcheck")" = 200 ]; }

# The storage servers have no health check; a refused connection shows that one is not up yet.
listens() { curl -s -m 2 -o /dev/null "http://127.0.0.1:$1/healthcheck"; }

case $verb in
start)
  mkdir -p "$dir"/{run,log,dev/d1}
  configure
  launch memcached memcached -u "$(id -un)" -l 127.0.0.1 -p $((port + 4)) -m 32 -U 0 -P "$dir/run/memcached.own"
  for type in account container object proxy; do
    launch $type swift-$type-server "$dir/etc/$type-server.conf" -v
  done
  for tenths in $(seq 300); do
    if answers "$port" && listens $((port + 1)) && listens $((port + 2)) && listens $((port + 3)); then break; fi
    if [ "$tenths" = 300 ]; then
      echo "swift did not come up; see $dir/log" >&2
      exit 1
    fi
    sleep 0.1
  done
  print_env
  ;;
stop) signal_all -TERM ;;
kill9) signal_all -KILL ;;
alive) [ -n "$(pid_of proxy)" ] && answers "$port" ;;
env) print_env ;;
*) echo "swift.sh: unknown verb $verb" >&2; exit 2 ;;
esac
