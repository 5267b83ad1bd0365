#!/bin/sh
# Records the captures of this directory anew: real UDP traffic of the Linux stack between two network namespaces.
#
#   sudo golden/captures/record.sh [DIRECTORY]      (default: the directory of this script)
#
# Needs root, iproute2, ethtool, nft, tcpdump, dumpcap and python3. Every address is private to the two namespaces,
# every loop and every wait is bounded, and everything is removed at the end, whatever happens. What is sent is the
# same each time; times and IPv4 ids are the kernel's own, so the files are not byte for byte the same.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
a=zp-rec-a-$$
b=zp-rec-b-$$
work=$(mktemp -d)
children=

# With offloads off a frame in the capture is the frame of a wire, checksums and all.
setup() {
  ip netns add "$a"
  ip netns add "$b"
  for ns in "$a" "$b"; do ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; done
  ip -n "$a" link add name va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02 netns "$b"
  for n in 1 2 3; do ip -n "$a" addr add "10.0.0.$n/24" dev va; done
  ip -n "$b" addr add 10.0.0.53/24 dev vb
  ip -n "$a" link set va up
  ip -n "$b" link set vb up
  offloads off
}

offloads() {
  ip netns exec "$a" ethtool -K va tx "$1" gso "$1" tso "$1" gro "$1" tx-udp-segmentation "$1" >/dev/null
  ip netns exec "$b" ethtool -K vb tx "$1" gso "$1" tso "$1" gro "$1" tx-udp-segmentation "$1" >/dev/null
}

cleanup() {
  for child in $children; do kill "$child" 2>/dev/null || true; done
  ip netns del "$a" 2>/dev/null || true
  ip netns del "$b" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# record SCENARIO COMMAND...: runs the recorder and the server in b, then the client in a, each for at most a minute.
record() {
  scenario=$1
  shift
  ip -n "$a" neigh flush dev va
  ip -n "$b" neigh flush dev vb
  ip netns exec "$b" timeout 60 "$@" >"$work/recorder" 2>&1 &
  recorder=$!
  ip netns exec "$b" timeout 60 python3 "$here/traffic.py" "$scenario" server &
  server=$!
  children="$recorder $server"
  sleep 2
  ip netns exec "$a" timeout 50 python3 "$here/traffic.py" "$scenario" client
  sleep 1
  for child in $children; do kill "$child" 2>/dev/null || true; done
  wait "$recorder" || true
  wait "$server" || true
  children=
  tail -n 3 "$work/recorder"
}

setup

# Cooked frames of all devices, nanoseconds.
record dns tcpdump -Z root -i any -y LINUX_SLL2 --nano -U -w "$work/udp-dns.pcap" 'not icmp6'

# Ethernet. One fragment in 23 that leaves b is lost, and one in 29 leaves twice; a loses one in 31.
ip netns exec "$b" nft -f - <<'RULES'
table netdev faults {
  chain leaving {
    type filter hook egress device "vb" priority 0;
    ip frag-off & 0x3fff != 0 numgen inc mod 23 == 7 drop
    ip frag-off & 0x3fff != 0 numgen inc mod 29 == 11 dup to "vb"
  }
}
RULES
ip netns exec "$a" nft -f - <<'RULES'
table netdev faults {
  chain leaving {
    type filter hook egress device "va" priority 0;
    ip frag-off & 0x3fff != 0 numgen inc mod 31 == 13 drop
  }
}
RULES
record fragments dumpcap -q -i vb -w "$work/udp-fragments.pcapng"
ip netns exec "$a" nft delete table netdev faults
ip netns exec "$b" nft delete table netdev faults

# What a capture on a sending host often looks like: checksums left to the card, segments not yet
# cut, and what is longer than the snaplen missing.
offloads on
record offload tcpdump -Z root -i vb -s 2048 -U -w "$work/udp-offload.pcap"

chmod 644 "$work"/udp-*.pcap*
cp "$work"/udp-*.pcap* "$out"
ls -l "$out"/udp-*
