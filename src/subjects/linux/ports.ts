/**
 * Ports: where packets are put into a network namespace as if they arrived on a device, and where those that leave by it
 * are taken out. Both happen in the call itself; nothing is ever waited for.
 *
 * Two kinds, alike from outside. A TUN device is its own port. Where /dev/net/tun cannot be used, the device is one end of
 * a veth pair and a packet socket holds the other. Either way any bytes can arrive, called IPv6 where they begin so and
 * else IPv4, with checksums unverified.
 *
 * Source: include/uapi/linux/if_tun.h, include/uapi/linux/if_packet.h.
 */
import {
  intOption,
  lengthenQueue,
  must,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SystemError,
  type Libc,
} from './libc.ts';

export type PortKind = 'tun' | 'packet';

export type Port = {
  /** Throws if the kernel does not take the packet. */
  readonly send: (bytes: Uint8Array) => void;
  /** The next packet that left, valid until the next call, or undefined. */
  readonly receive: () => Uint8Array | undefined;
  readonly fd: number;
};

/** The device inside a namespace, by its index. */
export const deviceName = (index: number): string => `d${index}`;
const peerName = (index: number): string => `p${index}`;

const TUN_DEVICE = '/dev/net/tun';
// include/uapi/linux/if_tun.h; struct ifreq is 40 bytes, its flags start at 16
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 1;
const IFREQ_BYTES = 40;
const IFREQ_FLAGS_AT = 16;
/** struct tun_pi: flags, protocol. With it the version in a packet's first bits is not looked at. */
const PI_BYTES = 4;
// include/uapi/linux/if_ether.h, include/linux/socket.h, include/uapi/linux/if_packet.h
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const ETH_P_ALL = 0x0003;
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
/** The largest MTU of either kind, and room for a link header. */
export const MTU = 65_535;
const FRAME_BYTES = MTU + 64;
const RECEIVE_QUEUE_BYTES = 64 * 1024 * 1024;
/** More pieces than a datagram can have. */
const TUN_QUEUE = 16_384;
/**
 * How many pieces of a datagram can leave in one go; undefined: any number. A veth's backlog holds 1000, and a packet
 * socket's queue, where it may not be lengthened, about 400 kB, a small piece counting a kilobyte.
 */
export const MOST_PIECES: Readonly<Record<PortKind, number | undefined>> = { tun: undefined, packet: 200 };

/** Whether TUN devices can be opened; otherwise the error's name. */
export const tunError = (libc: Libc): string | undefined => {
  const fd = libc.open(TUN_DEVICE, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return libc.errorName();
  libc.close(fd);
  return undefined;
};

/** The lines for `ip -batch` that make `count` devices ready, to be run before the ports are opened; TUN devices exist by then. */
export const linkLines = (kind: PortKind, indexes: readonly number[]): string[] =>
  indexes.flatMap((index) => {
    const [device, peer] = [deviceName(index), peerName(index)];
    if (kind === 'tun') return [`link set ${device} mtu ${MTU} txqueuelen ${TUN_QUEUE} up`];
    // What leaves must not be for the peer, which lives in the same namespace and would take it in.
    const [inside, outside] = [hardwareAddress(index, INSIDE), hardwareAddress(index, OUTSIDE)].map((octets) =>
      [...octets].map((octet) => octet.toString(16)).join(':'),
    );
    return [
      `link add ${device} address ${inside} mtu ${MTU} type veth peer name ${peer} address ${outside} mtu ${MTU}`,
      `link set ${peer} addrgenmode none`,
      `link set ${device} arp off up`,
      `link set ${peer} arp off up`,
    ];
  });

/**
 * `ip` lines that make two devices the ends of a pair. They have one hardware address, so that what one sends is for the
 * other without anybody being asked.
 */
export const pairLines = (one: number, other: number): string[] => {
  const address = [...hardwareAddress(one, PAIR)].map((octet) => octet.toString(16)).join(':');
  return [
    `link add ${deviceName(one)} address ${address} mtu ${MTU} type veth peer name ${deviceName(other)} address ${address} mtu ${MTU}`,
    `link set ${deviceName(one)} arp off up`,
    `link set ${deviceName(other)} arp off up`,
  ];
};

/** In place of a port where a device leads to another one. */
export const noPort = (index: number): Port => ({
  fd: -1,
  send: () => {
    throw new Error(`${deviceName(index)} is one of a pair of devices, at which nothing can be put in`);
  },
  receive: () => undefined,
});

const [INSIDE, OUTSIDE, PAIR] = [0xaa, 0xbb, 0xcc];
/** Locally administered, unicast. */
const hardwareAddress = (index: number, end: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, index, end);

/** What the bytes are called when they arrive: IPv6 by their first four bits, all else IPv4. */
const isIpv6 = (bytes: Uint8Array): boolean => (bytes[0] ?? 0) >>> 4 === 6;

/** Opens a TUN device in the thread's network namespace. */
export const openTun = (libc: Libc, index: number): Port => {
  const fd = must(libc, libc.open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0), `open ${TUN_DEVICE}`);
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(deviceName(index), 'latin1');
  request.writeUInt16LE(IFF_TUN, IFREQ_FLAGS_AT);
  if (libc.ioctl(fd, TUNSETIFF, request) < 0) {
    const error = new SystemError(`TUNSETIFF ${deviceName(index)}`, libc.errorName());
    libc.close(fd);
    throw error;
  }
  const out = Buffer.alloc(FRAME_BYTES);
  const frame = Buffer.alloc(FRAME_BYTES);
  return {
    fd,
    send: (bytes) => {
      out.writeUInt16BE(isIpv6(bytes) ? ETH_P_IPV6 : ETH_P_IP, 2);
      out.set(bytes, PI_BYTES);
      must(libc, libc.write(fd, out, PI_BYTES + bytes.length), `write to ${deviceName(index)}`);
    },
    receive: () => {
      const length = libc.read(fd, frame, FRAME_BYTES);
      return length < 0 ? undefined : frame.subarray(PI_BYTES, length);
    },
  };
};

/** Opens a packet socket on the far end of a device that is a veth. */
export const openPacket = (libc: Libc, index: number): Port => {
  const fd = must(libc, libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'packet socket');
  const peer = libc.ifNameToIndex(peerName(index));
  must(libc, libc.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, intOption(1), 4), 'PACKET_IGNORE_OUTGOING');
  lengthenQueue(libc, fd, RECEIVE_QUEUE_BYTES);
  must(libc, libc.bind(fd, linkAddress(peer, ETH_P_ALL), SOCKADDR_LL_BYTES), 'packet bind');
  const to = linkAddress(peer, ETH_P_IP, hardwareAddress(index, INSIDE));
  const to6 = linkAddress(peer, ETH_P_IPV6, hardwareAddress(index, INSIDE));
  const frame = Buffer.alloc(FRAME_BYTES);
  return {
    fd,
    send: (bytes) =>
      void must(libc, libc.sendto(fd, bytes, bytes.length, 0, isIpv6(bytes) ? to6 : to, SOCKADDR_LL_BYTES), `send to ${deviceName(index)}`),
    receive: () => {
      const length = libc.recv(fd, frame, FRAME_BYTES, 0);
      return length < 0 ? undefined : frame.subarray(0, length);
    },
  };
};

// include/uapi/asm-generic/poll.h; struct pollfd: descriptor, events asked for, events seen
const POLLIN = 1;
const POLLFD_BYTES = 8;

/** Says, at the time of the call, at which ports a packet waits: visits their indexes in order. */
export const pollPorts = (libc: Libc, ports: readonly Port[]): ((visit: (index: number) => void) => void) => {
  const descriptors = Buffer.alloc(Math.max(1, ports.length) * POLLFD_BYTES);
  for (const [index, { fd }] of ports.entries()) {
    descriptors.writeInt32LE(fd, index * POLLFD_BYTES);
    descriptors.writeUInt16LE(POLLIN, index * POLLFD_BYTES + 4);
  }
  return (visit) => {
    let ready = libc.poll(descriptors, ports.length, 0);
    // A signal to the process interrupts even a call that does not wait.
    while (ready < 0 && libc.errorName() === 'EINTR') ready = libc.poll(descriptors, ports.length, 0);
    if (must(libc, ready, 'poll') === 0) return;
    for (const index of ports.keys()) {
      if ((descriptors.readUInt16LE(index * POLLFD_BYTES + 6) & POLLIN) !== 0) visit(index);
    }
  };
};

const SOCKADDR_LL_BYTES = 20;

/** struct sockaddr_ll. */
const linkAddress = (interfaceIndex: number, protocol: number, hardware: Uint8Array = new Uint8Array()): Buffer => {
  const address = Buffer.alloc(SOCKADDR_LL_BYTES);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(protocol, 2);
  address.writeInt32LE(interfaceIndex, 4);
  address.writeUInt8(hardware.length, 11);
  address.set(hardware, 12);
  return address;
};
