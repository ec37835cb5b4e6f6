/** Environment variables of the script: the address the instance keeps, if the Pod has another, and the Pod's own. */
export const STATIC_IP = "REPAVE_STATIC_IP";
export const POD_IP = "REPAVE_POD_IP";

/**
 * What makes a container of a warden stemcell boot like a VM: files that the container runtime mounted become ordinary ones, which the agent can
 * write; nothing sets the host's clock; then the stemcell's own init takes over. An address that a Service leads here is put on the loopback,
 * and what comes for the Pod goes there, so that jobs may listen on it.
 */
export const initScript = `set -eu
for name in resolv.conf hosts hostname; do
  kept=$(cat /etc/$name 2>/dev/null || true)
  umount /etc/$name 2>/dev/null || continue
  rm -f /etc/$name
  printf '%s\\n' "$kept" > /etc/$name
done
mkdir -p /var/vcap/data/sys/log /var/vcap/data/sys/run /var/vcap/store
for program in /var/vcap/bosh/bin/sync-time /var/vcap/bosh/bin/ntpdate; do
  [ ! -e $program ] || printf '#!/bin/sh\\nexit 0\\n' > $program
done
if [ -n "\${${STATIC_IP}:-}" ]; then
  ip addr add "$${STATIC_IP}/32" dev lo
  iptables -t nat -A PREROUTING -d "$${POD_IP}" -j DNAT --to-destination "$${STATIC_IP}"
fi
paths=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ -x /usr/sbin/runsvdir-start ]; then exec env -i PATH=$paths /usr/sbin/runsvdir-start; fi
exec env -i PATH=$paths container=oci /sbin/init
`;
