#!/bin/bash
# Ceph's RADOS gateway over one monitor and one OSD, everything on 127.0.0.1. No systemd, no containers.
# Called by scripts/s3-server: rgw.sh start|stop|kill9|alive|env DIR PORT
# S3_SERVER_ADDRESS: where the gateway listens instead.
# Takes PORT (S3) and the nine ports after it. The OSD's block file is sparse (8 GiB).
set -euo pipefail
verb=$1 dir=$(mkdir -p "$2" && cd "$2" && pwd -P) port=$3
monitor=$((port + 1))
address=${S3_SERVER_ADDRESS:-127.0.0.1}
key=testaccesskey secret=testsecretkey0123456789

print_env() {
  printf 'S3_TEST_ENDPOINT=http://%s:%s\nS3_TEST_KEY=%s\nS3_TEST_SECRET=%s\nS3_TEST_REGION=us-east-1\n' \
    "$address" "$port" "$key" "$secret"
}

# The recorded process, if it still is one of ours: its pid may have gone to another process since.
pid_of() {
  local pid
  pid=$(cat "$dir/run/$1.pid" 2>/dev/null) || return 0
  if [ -n "$pid" ] && grep -qzxF "$dir/ceph.conf" "/proc/$pid/cmdline" 2>/dev/null; then echo "$pid"; fi
}

# Zombies count as gone: a container's first process may reap them late.
lives() { grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null; }

signal_one() {
  local pid
  pid=$(pid_of "$2")
  [ -n "$pid" ] || return 0
  kill "$1" "$pid" 2>/dev/null || true
  for tenths in $(seq 300); do
    lives "$pid" || return 0
    sleep 0.1
  done
}

launch() {
  local name=$1
  shift
  [ -z "$(pid_of "$name")" ] || return 0
  setsid nice -n 5 "$@" -c "$dir/ceph.conf" --pid-file "$dir/run/$name.pid" >>"$dir/log/$name.out" 2>&1 </dev/null
}

configure() {
  local fsid
  [ ! -e "$dir/ceph.conf" ] || return 0
  fsid=$(cat /proc/sys/kernel/random/uuid)
  cat >"$dir/ceph.conf.new" <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$monitor]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_port_min = $((port + 2))
ms_bind_port_max = $((port + 9))
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
run_dir = $dir/run
admin_socket = $dir/run/\$name.asok
log_file = $dir/log/\$name.log
crash_dir = $dir/log
mon_data = $dir/mon
osd_data = $dir/osd
osd_objectstore = bluestore
bluestore_block_size = 8589934592
bluestore_cache_autotune = false
bluestore_cache_size = 134217728
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_pool_default_read_lease_ratio = 0.05
osd_crush_chooseleaf_type = 0
objecter_timeout = 2
objecter_tick_interval = 1
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
mon_data_avail_crit = 1
rgw_frontends = beast endpoint=$address:$port
rgw_thread_pool_size = 64
rgw_crypt_require_ssl = false
CONF
  monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$monitor]" --clobber "$dir/monmap" >"$dir/log/init.out"
  ceph-mon -c "$dir/ceph.conf.new" --mkfs -i a --monmap "$dir/monmap" >>"$dir/log/init.out" 2>&1
  mv "$dir/ceph.conf.new" "$dir/ceph.conf"
}

make_osd() {
  local uuid
  [ ! -e "$dir/osd/.made" ] || return 0
  uuid=$(cat /proc/sys/kernel/random/uuid)
  {
    timeout 60 ceph -c "$dir/ceph.conf" osd new "$uuid" 0
    ceph-osd -c "$dir/ceph.conf" -i 0 --mkfs --osd-uuid "$uuid"
  } >>"$dir/log/init.out" 2>&1
  touch "$dir/osd/.made"
}

make_user() {
  [ ! -e "$dir/.user" ] || return 0
  timeout 120 radosgw-admin -c "$dir/ceph.conf" user create --uid=test --display-name=test \
    --access-key=$key --secret-key=$secret >>"$dir/log/init.out" 2>&1
  touch "$dir/.user"
}

answers() { [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "http://$address:$port/")" = 200 ]; }

case $verb in
start)
  mkdir -p "$dir"/{run,log,mon,osd}
  configure
  launch mon ceph-mon -i a
  make_osd
  launch osd ceph-osd -i 0
  make_user
  launch rgw radosgw -n client.rgw
  for tenths in $(seq 600); do
    answers && break
    if [ "$tenths" = 600 ]; then
      echo "the gateway did not come up; see $dir/log" >&2
      exit 1
    fi
    sleep 0.1
  done
  print_env
  ;;
stop)
  # The gateway idles for half a minute in its shutdown and keeps no state of its own.
  gateway=$(pid_of rgw)
  [ -z "$gateway" ] || { kill "$gateway"; sleep 1; }
  signal_one -KILL rgw
  signal_one -TERM osd
  signal_one -TERM mon
  ;;
kill9) for name in rgw osd mon; do signal_one -KILL $name; done ;;
alive) [ -n "$(pid_of rgw)" ] && answers ;;
env) print_env ;;
*) echo "rgw.sh: unknown verb $verb" >&2; exit 2 ;;
esac
