/**
 * The machine's own addresses on its devices, replaced from network to network over rtnetlink.
 *
 * Source: include/uapi/linux/rtnetlink.h, if_addr.h; net/ipv6/addrconf.c.
 */
import type { Device } from '../../../spec/trace/network.ts';
import type { Address } from '../../../spec/trace/packet.ts';
import { isIpv6, wordsOf } from '../../../spec/wire/address.ts';
import { SystemError } from './libc.ts';
import { MessageWriter, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, type NetlinkSocket } from './netlink.ts';

// include/uapi/linux/rtnetlink.h
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTA_DST = 1;
const RTN_LOCAL = 2;
/** Where `rtm_type` stands behind the header of a netlink message. */
const ROUTE_TYPE_AT = 7;
// include/uapi/linux/if_addr.h
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_F_NODAD = 2;
// include/linux/socket.h
const [AF_INET, AF_INET6] = [2, 10];

/**
 * A line for `ip -batch`, for a device that is never without an IPv4 address: the kernel forgets all routes by one that
 * loses its last. Nothing is forwarded to or from this one anyway, and nothing is translated to it.
 */
export const placeholder = (device: string): string => `addr add 127.255.255.254/32 scope host dev ${device}`;

/** Four bytes, or sixteen. */
export const addressBytes = (address: Address): Buffer => {
  const words = wordsOf(address);
  const bytes = Buffer.alloc(words.length * 2);
  for (const [index, word] of words.entries()) bytes.writeUInt16BE(word, index * 2);
  return bytes;
};

/** Gives the devices of a namespace their own addresses, and nobody else's. */
export type OwnAddresses = { readonly set: (devices: readonly Device[]) => void };

/** `interfaces` are the devices' interface numbers; the socket speaks rtnetlink. */
export const ownAddresses = (socket: NetlinkSocket, interfaces: readonly number[]): OwnAddresses => {
  const message = new MessageWriter();
  let current: ReadonlySet<string> = new Set();

  const change = (type: number, key: string): void => {
    const { index, address, bytes } = read(key);
    const six = isIpv6(address);
    const header = Uint8Array.of(six ? AF_INET6 : AF_INET, bytes.length * 8, six ? IFA_F_NODAD : 0, 0, 0, 0, 0, 0);
    new DataView(header.buffer).setUint32(4, interfaces[index] ?? 0, true);
    message.beginWith(type, NLM_F_ACK | (type === RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0), header);
    message.attribute(IFA_LOCAL, bytes);
    message.attribute(IFA_ADDRESS, bytes);
    message.end();
    socket.command(message, `${type === RTM_NEWADDR ? 'add' : 'delete'} the address ${address}`);
  };

  /** The kernel makes the route to an IPv6 address of its own a little after the address: until then it would forward what is for it. */
  const awaitRoute = (key: string): void => {
    const { address, bytes } = read(key);
    for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts += 1) {
      message.beginWith(RTM_GETROUTE, 0, Uint8Array.of(AF_INET6, bytes.length * 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
      message.attribute(RTA_DST, bytes);
      message.end();
      socket.send(message);
      let type = 0;
      socket.receive((kind, start) => {
        if (kind === RTM_NEWROUTE) type = socket.buffer.readUInt8(start - SKIPPED + ROUTE_TYPE_AT);
      });
      if (type === RTN_LOCAL) return;
    }
    throw new SystemError(`address ${address}`, 'the kernel does not take it for its own');
  };

  return {
    set: (devices) => {
      const wanted = new Set(devices.flatMap(({ address, address6 }, index) => [address, address6].flatMap((own) => (own === undefined ? [] : [`${index} ${own}`]))));
      for (const key of current) if (!wanted.has(key)) change(RTM_DELADDR, key);
      const added = [...wanted].filter((key) => !current.has(key));
      for (const key of added) change(RTM_NEWADDR, key);
      for (const key of added) if (isIpv6(read(key).address)) awaitRoute(key);
      current = wanted;
    },
  };
};

/** Each a request and its answer: together far longer than the kernel takes. */
const MOST_ATTEMPTS = 100_000;
/** `receive` skips the header of netfilter, which is four bytes long and not there. */
const SKIPPED = 4;

const read = (key: string): { readonly index: number; readonly address: Address; readonly bytes: Buffer } => {
  const [index = '', address = ''] = key.split(' ');
  return { index: Number(index), address, bytes: addressBytes(address) };
};
