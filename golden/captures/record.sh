#!/bin/sh
# Records the captures of this directory anew: real traffic of the Linux stack between network namespaces.
#
#   sudo golden/captures/record.sh [DIRECTORY [NAME...]]      (default: the directory of this script, all of them)
#
# NAME is a capture's without its suffix. Needs root, iproute2, ethtool, nft, tcpdump, editcap, python3, and ping and
# traceroute of Debian's iputils-ping and traceroute. Every address is private to the namespaces, every loop and every
# wait is bounded, and everything is removed at the end, whatever happens. What is sent is the same each time; times,
# IP ids and TCP's sequence numbers are the kernel's own, so the files are not byte for byte the same.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
[ $# -eq 0 ] || shift
wanted=" $* "
mkdir -p "$out"
work=$(mktemp -d)
hosts=0
children=

# The hosts stand in a row, h0 is the client and the last one the server; `left` and `right` are devices of one of them.
host() { echo "zp-rec-$$-$1"; }
on() {
  on=$(host "$1")
  shift
  ip netns exec "$on" "$@"
}

# row N: N hosts without addresses, each joined to the next. With offloads off a frame in the capture is the frame of a
# wire, checksums and all.
row() {
  clear_row
  while [ "$hosts" -lt "$1" ]; do
    ip netns add "$(host "$hosts")"
    hosts=$((hosts + 1))
    on $((hosts - 1)) sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    [ "$hosts" -eq 1 ] || join $((hosts - 2)) $((hosts - 1))
  done
  server=$((hosts - 1))
  offloads off
}

join() {
  ip -n "$(host "$1")" link add name right address "02:00:00:00:0$1:01" type veth peer name left address "02:00:00:00:0$1:02" netns "$(host "$2")"
  ip -n "$(host "$1")" link set right up
  ip -n "$(host "$2")" link set left up
}

offloads() {
  for number in $(seq 0 $((hosts - 1))); do
    for device in $(on "$number" ls /sys/class/net); do
      [ "$device" = lo ] || on "$number" ethtool -K "$device" tx "$1" gso "$1" tso "$1" gro "$1" tx-udp-segmentation "$1" >/dev/null
    done
  done
}

clear_row() {
  for child in $children; do kill "$child" 2>/dev/null || true; done
  children=
  while [ "$hosts" -gt 0 ]; do
    hosts=$((hosts - 1))
    ip netns del "$(host "$hosts")" 2>/dev/null || true
  done
}

cleanup() {
  clear_row
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# address HOST DEVICE ADDRESS...
address() {
  number=$1
  device=$2
  shift 2
  for each in "$@"; do
    case $each in
      *:*) on "$number" sysctl -qw "net.ipv6.conf.$device.accept_dad=0" "net.ipv6.conf.$device.disable_ipv6=0" && ip -n "$(host "$number")" addr add "$each" dev "$device" nodad ;;
      *) ip -n "$(host "$number")" addr add "$each" dev "$device" ;;
    esac
  done
}

# Client and server with the addresses 1, 2, 3 and 53 of one network, side by side or with a cable of wire.py between.
one_network() {
  row "$1"
  address 0 right $2
  address "$server" left $3
}
IPV4='10.0.0.1/24 10.0.0.2/24 10.0.0.3/24'
IPV6='fd00::1/64 fd00::2/64 fd00::3/64'

# A client, three routers and a server. Network n is 10.0.n.0/24 or fd00:n::/64; a host has 1 in the one at its right and
# 2 in the one at its left.
routed() {
  row 5
  for number in 0 1 2 3 4; do
    [ "$number" -eq 4 ] || address "$number" right "10.0.$number.1/24" "fd00:$number::1/64"
    [ "$number" -eq 0 ] || address "$number" left "10.0.$((number - 1)).2/24" "fd00:$((number - 1))::2/64"
  done
  for number in 0 1 2 3 4; do
    on "$number" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
  done
  for number in 2 3 4; do via "$number" 0 $((number - 1)) 1; done
  for number in 0 1 2; do via "$number" 3 "$number" 2; done
}

# via HOST NETWORK NEXT-NETWORK NEXT-NUMBER: a route to a network by a neighbour, its network and its number there.
via() {
  ip -n "$(host "$1")" -4 route add "10.0.$2.0/24" via "10.0.$3.$4"
  ip -n "$(host "$1")" -6 route add "fd00:$2::/64" via "fd00:$3::$4"
}

# beside HOST COMMAND...: runs there until the capture is recorded, for at most two minutes. serving COMMAND...: the server.
beside() {
  beside=$(host "$1")
  shift
  ip netns exec "$beside" timeout 120 "$@" 2>>"$work/stderr" &
  children="$! $children"
  sleep 1
}
serving() { beside "$server" "$@"; }
recording() { beside "$@"; }
# client COMMAND...: what it prints is the answer or that there is none, which is what is recorded.
client() { on 0 timeout 100 "$@" >/dev/null || true; }
# recorded NAME [pcapng]: converted, as what records pcapng writes down the machine's processor too.
recorded() {
  sleep 1
  for child in $children; do
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
  children=
  if [ "${2:-}" = pcapng ]; then
    editcap -F pcapng "$work/$1.pcap" "$work/$1.pcapng"
    rm "$work/$1.pcap"
  fi
  chmod 644 "$work"/*.pcap*
  cp "$work"/*.pcap* "$out"
  rm "$work"/*.pcap*
  echo "$1"
  cat "$work/stderr"
  rm "$work/stderr"
}

wanted() { [ "$wanted" = "  " ] || case $wanted in *" $1 "*) true ;; *) false ;; esac }

# ---- UDP, recorded by the server

if wanted udp-dns; then # cooked frames of all devices, nanoseconds
  one_network 2 "$IPV4" 10.0.0.53/24
  recording 1 tcpdump -Z root -i any -y LINUX_SLL2 --nano -U -w "$work/udp-dns.pcap" 'not icmp6'
  serving python3 "$here/traffic.py" dns server
  client python3 "$here/traffic.py" dns client
  recorded udp-dns
fi

if wanted udp-fragments; then # one fragment in 23 that the server sends is lost, one in 29 leaves twice; the client loses one in 31
  one_network 2 "$IPV4" 10.0.0.53/24
  on 1 nft -f - <<'RULES'
table netdev faults {
  chain leaving {
    type filter hook egress device "left" priority 0;
    ip frag-off & 0x3fff != 0 numgen inc mod 23 == 7 drop
    ip frag-off & 0x3fff != 0 numgen inc mod 29 == 11 dup to "left"
  }
}
RULES
  on 0 nft -f - <<'RULES'
table netdev faults {
  chain leaving {
    type filter hook egress device "right" priority 0;
    ip frag-off & 0x3fff != 0 numgen inc mod 31 == 13 drop
  }
}
RULES
  recording 1 tcpdump -Z root -i left --nano -U -w "$work/udp-fragments.pcap"
  serving python3 "$here/traffic.py" fragments server
  client python3 "$here/traffic.py" fragments client
  recorded udp-fragments pcapng
fi

# What a capture on a sending host often looks like: checksums left to the card, segments not yet
# cut, and what is longer than the snaplen missing.
if wanted udp-offload; then
  one_network 2 "$IPV4" 10.0.0.53/24
  offloads on
  recording 1 tcpdump -Z root -i left -s 2048 -U -w "$work/udp-offload.pcap"
  serving python3 "$here/traffic.py" offload server
  client python3 "$here/traffic.py" offload client
  recorded udp-offload
fi

# ---- UDP-Lite, recorded by the client

if wanted udplite-echo; then
  one_network 2 "$IPV4 $IPV6" '10.0.0.53/24 fd00::53/64'
  recording 0 tcpdump -Z root -i right --nano -U -w "$work/udplite-echo.pcap"
  serving python3 "$here/traffic.py" udplite server
  client python3 "$here/traffic.py" udplite client
  recorded udplite-echo
fi

# ---- TCP, recorded by the client, with a cable that loses and reorders

http() {
  beside 1 python3 "$here/wire.py" left right
  serving python3 "$here/transfer.py" "$1" "$2" server
  client python3 "$here/transfer.py" "$1" "$2" client
}

if wanted tcp-http; then
  one_network 3 "$IPV4" 10.0.0.53/24
  recording 0 tcpdump -Z root -i right -U -w "$work/tcp-http.pcap"
  http 10.0.0.1 10.0.0.53
  recorded tcp-http
fi

if wanted tcp-http-ipv6; then
  one_network 3 "$IPV6" fd00::53/64
  recording 0 tcpdump -Z root -i right --nano -U -w "$work/tcp-http-ipv6.pcap"
  http fd00::1 fd00::53
  recorded tcp-http-ipv6 pcapng
fi

if wanted tcp-offload; then # as udp-offload
  one_network 2 "$IPV4" 10.0.0.53/24
  offloads on
  recording 0 tcpdump -Z root -i right -s 8192 -U -w "$work/tcp-offload.pcap"
  serving python3 "$here/transfer.py" 10.0.0.1 10.0.0.53 server
  client python3 "$here/transfer.py" 10.0.0.1 10.0.0.53 client small
  recorded tcp-offload
fi

# ---- ICMP, recorded by the client

# pings FAR NEAR: without fragments and with them, two of equal id at once, and one that the path is too short for.
pings() {
  for size in 0 56 1400 4000 20000; do client ping -e 4660 -c 3 -i 0.2 -W 1 -s "$size" "$1"; done
  client ping -e 22136 -c 3 -i 0.2 -W 1 -s 3000 "$1" &
  background=$!
  client ping -e 22136 -c 3 -i 0.2 -W 1 -s 3000 "$2"
  wait "$background"
  client ping -e 4660 -c 2 -i 0.2 -W 1 -t 2 "$1"
}

if wanted icmp-ping; then # cooked frames, version 1
  routed
  recording 0 tcpdump -Z root -i any -y LINUX_SLL -U -w "$work/icmp-ping.pcap" 'ip or arp'
  pings 10.0.3.2 10.0.0.2
  recorded icmp-ping
fi

if wanted icmpv6-ping; then
  routed
  recording 0 tcpdump -Z root -i right --nano -U -w "$work/icmpv6-ping.pcap"
  pings fd00:3::2 fd00:0::2
  recorded icmpv6-ping
fi

# traces ADDRESS...: each with UDP to ports that nobody listens at, echo requests, TCP, and long datagrams.
traces() {
  for address in "$@"; do
    client traceroute -n -q 2 -w 1 -m 8 "$address"
    client traceroute -n --icmp -q 2 -w 1 -m 8 "$address"
    client traceroute -n --tcp -q 2 -w 1 -m 8 "$address"
    client traceroute -n -q 1 -w 1 -m 6 "$address" 2000
  done
}

if wanted icmp-traceroute; then
  routed
  recording 0 tcpdump -Z root -i right -U -w "$work/icmp-traceroute.pcap"
  traces 10.0.3.2
  recorded icmp-traceroute
fi

if wanted icmpv6-traceroute; then
  routed
  recording 0 tcpdump -Z root -i right -U -w "$work/icmpv6-traceroute.pcap"
  traces fd00:3::2
  recorded icmpv6-traceroute
fi

# Every way of not arriving: a closed port (asked whole and in fragments), a host, a network and a route that are not
# there or forbidden, and a link that is too narrow for what may not be fragmented.
unreachable() {
  ip -n "$(host 3)" link set right mtu 1400
  ip -n "$(host 4)" link set left mtu 1400
  ip -n "$(host 2)" -4 route add prohibit 10.0.9.0/24
  ip -n "$(host 2)" -6 route add prohibit fd00:9::/64
  for far in 8 9; do
    via 0 "$far" 0 2
    via 1 "$far" 1 2
  done
}

if wanted icmp-unreachable; then
  routed
  unreachable
  recording 0 tcpdump -Z root -i right --nano -U -w "$work/icmp-unreachable.pcap"
  client python3 "$here/traffic.py" unreachable 10.0.3.2 10.0.3.9 10.0.8.1 10.0.9.1
  recorded icmp-unreachable
fi

if wanted icmpv6-unreachable; then
  routed
  unreachable
  recording 0 tcpdump -Z root -i right --nano -U -w "$work/icmpv6-unreachable.pcap"
  client python3 "$here/traffic.py" unreachable fd00:3::2 fd00:3::9 fd00:8::1 fd00:9::1
  recorded icmpv6-unreachable
fi

ls -l "$out"/*.pcap*
