/**
 * The environment's first process. Its namespaces are the environment: when it dies, the kernel takes every process,
 * mount and interface of the environment with it.
 *
 * Started without any rights (its user namespace has no ids yet); the caller writes the id maps, then it executes itself
 * again and so becomes root of the namespace.
 */
export const holderBoot = `
echo born
read -r answer || exit 1
exec /bin/sh "$@"
`;

/** Arguments: the environment's mark, folder to hide from VMs, hall, uid and gid map of the VMs, "single" or "many", log file. */
export const holderScript = `
set -eu
etc=$REPAVE_ETC mark=$1 hidden=$2 hall=$3 uids=$4 gids=$5 ids=$6 log=$7
unset REPAVE_ETC
mount -t proc proc /proc
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward

# the user namespace of the VMs is kept by a file, not by a process
mount -t tmpfs -o mode=0755 repave "$hall"
mkdir "$hall/base" "$hall/vms" "$hall/devices"
mount -t tmpfs -o mode=0755 repave "$hall/base"
: >"$hall/tenant"
mkfifo "$hall/in" "$hall/out"
unshare --user /bin/sh -c 'echo born; exec cat' <"$hall/in" >"$hall/out" &
tenant=$!
exec 3>"$hall/in" 4<"$hall/out"
rm "$hall/in" "$hall/out"
read -r answer <&4
if [ "$ids" = single ]; then echo deny >/proc/$tenant/setgroups; fi
printf '%s\\n' "$uids" >/proc/$tenant/uid_map
printf '%s\\n' "$gids" >/proc/$tenant/gid_map
mount --bind /proc/$tenant/ns/user "$hall/tenant"
exec 3>&- 4<&-
wait "$tenant" || :

# attached disks appear below here and travel on into running VMs
mount --bind "$hall/devices" "$hall/devices"
mount --make-shared "$hall/devices"

# the root folder every VM starts from: the host's programs, nothing of its data
cd "$hall/base"
mkdir -m 0755 dev dev/pts dev/shm proc sys run mnt media srv opt etc var root home usr .etc
mkdir -m 1777 tmp
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; mount --rbind "/$name" "$name"
  fi
done
for name in usr opt nix gnu; do
  if [ -d "/$name" ] && [ ! -L "/$name" ]; then mkdir -p "$name"; mount --rbind "/$name" "$name"; fi
done
for name in $etc; do
  if [ -d "/etc/$name" ]; then mkdir -p ".etc/$name"; mount --rbind "/etc/$name" ".etc/$name"
  elif [ -f "/etc/$name" ]; then mkdir -p ".etc/$(dirname "$name")"; cat "/etc/$name" >".etc/$name"
  fi
done
for name in null zero full random urandom tty; do : >"dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
if [ -d ".$hidden" ]; then mount -t tmpfs -o ro,mode=0755 repave ".$hidden"; fi
cd /
# read-only everywhere; flags the host has set must stay, the kernel insists
while read -r id parent device from at flags rest; do
  case $at in
    "$hall/base/dev/"*) ;;
    "$hall/base"|"$hall/base/"*)
      at=$(printf '%b' "$at")
      keep=
      for flag in nosuid nodev noexec noatime nodiratime relatime; do
        case ",$flags," in *",$flag,"*) keep=$keep,$flag ;; esac
      done
      mount -o "remount,bind,ro$keep" "$at" ;;
  esac
done </proc/self/mountinfo

echo up
read -r answer
[ "$answer" = commit ]
exec </dev/null >>"$log" 2>&1
trap '' HUP INT TERM
# waiting for one child also buries every orphan the kernel hands to the first process
while :; do
  sleep 100000 &
  wait $!
done
`;
