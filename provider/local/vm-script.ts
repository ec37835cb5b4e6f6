/**
 * Makes one VM; runs as root of the environment. Arguments: cid, folder of the VM, hall, bridge, cable, mac, address with prefix,
 * gateway, host name, agent program, node binary, "single" or "many", console log.
 *
 * Binds what needs the environment's rights, then enters the VMs' user namespace: there these mounts are locked, so that
 * not even a VM's root can make them writable or look under them.
 */
export const vmScript = `
set -eu
cid=$1 folder=$2 hall=$3 bridge=$4 cable=$5 mac=$6 address=$7 gateway=$8 name=$9
shift 9
agent=$1 binary=$2 ids=$3 log=$4
root=$hall/vms/$cid
made=
undo() { trap - EXIT; exec 3>&- 4<&-; if [ -z "$made" ]; then umount -R -l "$root" 2>/dev/null || :; rmdir "$root" 2>/dev/null || :; rm -f "$hall/vms/$cid".*; ip link del "$cable" 2>/dev/null || :; rmdir "$hall/devices/$cid" 2>/dev/null || :; fi; }
trap undo EXIT
trap '' PIPE
mkdir -p "$root" "$hall/devices/$cid"
mount --rbind "$hall/base" "$root"
for part in etc var root home tmp; do mount --bind "$folder/fs/$part" "$root/$part"; done
mount --bind "$binary" "$root/var/vcap/bosh/bin/node"
mount -o remount,bind,ro "$root/var/vcap/bosh/bin/node"
mount --bind "$agent" "$root/var/vcap/bosh/bin/agent.cjs"
mount -o remount,bind,ro "$root/var/vcap/bosh/bin/agent.cjs"
mount --rbind "$hall/devices/$cid" "$root/var/vcap/devices"

in=$hall/vms/$cid.in out=$hall/vms/$cid.out boot=$hall/vms/$cid.sh
mkfifo "$in" "$out"
printf '%s' "$REPAVE_BOOT" >"$boot"
if [ "$ids" = single ]; then keep=--preserve-credentials; else keep=; fi
nsenter --user="$hall/tenant" $keep unshare --mount --propagation slave --pid --net --uts --ipc --fork \\
  /bin/sh "$boot" "$0" "$root" "$address" "$gateway" "$name" <"$in" >"$out" 5>>"$log" &
vm=$!
exec 3>"$in" 4<"$out"
rm "$in" "$out"
read -r answer <&4
ip link add name "$cable" master "$bridge" up type veth peer name eth0 address "$mac" netns "$vm"
echo cable >&3
read -r answer <&4
[ "$answer" = up ]
rm "$boot"
umount -R -l "$root"
rmdir "$root"
echo "up $vm"
read -r answer
[ "$answer" = commit ]
made=yes
echo commit >&3
echo made
`;

/** The VM's first process until it has its own root folder and address. */
export const vmBoot = `
set -eu
root=$2 address=$3 gateway=$4 name=$5
echo born
read -r answer
ip -batch - <<END
link set lo up
addr add $address dev eth0
link set eth0 up
route add default via $gateway
END
hostname "$name" 2>/dev/null || printf '%s' "$name" >/proc/sys/kernel/hostname
mount --rbind "$root" "$root"
cd "$root"
pivot_root . mnt
cd /
# while the host's /proc is still in sight: the kernel wants to see that nothing of it was hidden from us
mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys 2>/dev/null || :
umount -l /mnt
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts /dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 shm /dev/shm
mount -t tmpfs -o nosuid,nodev,mode=0755 run /run
mkdir -p -m 1777 /run/lock
echo up
read -r answer
[ "$answer" = commit ]
unset REPAVE_BOOT
exec /bin/sh /var/vcap/bosh/bin/init </dev/null >&5 2>&5 5>&-
`;

/**
 * The VM's first process: keeps the agent running and buries orphans. A shell, because a Node process would cost tens of MB.
 * A crash loop is slowed down; an agent that ended after some seconds (it restarts itself for new settings) comes back at once.
 */
export const vmInit = `#!/bin/sh
trap '' HUP INT TERM
export PATH=/var/vcap/bosh/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 SHELL=/bin/bash USER=root LOGNAME=root
unset LC_ALL OLDPWD
cd /
while :; do
  read -r up rest </proc/uptime
  from=\${up%.*}
  /var/vcap/bosh/bin/bosh-agent &
  wait $!
  code=$?
  read -r up rest </proc/uptime
  # the agent's exit code after the action "shutdown"
  if [ "$code" = 100 ]; then echo "powered off"; exit 0; fi
  echo "agent ended with $code, starting it again"
  if [ $((\${up%.*} - from)) -lt 3 ]; then sleep 1; fi
done
`;
