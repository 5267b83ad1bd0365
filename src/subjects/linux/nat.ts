/**
 * The rules by which a namespace translates, written into the chains of its NAT tables.
 *
 * Once there is such a chain every connection of its version of IP is bound, so a namespace has them or has them not; what
 * stands in them is written anew for each network.
 *
 * Source: net/netfilter/nft_nat.c, nft_masq.c, nft_redir.c; include/uapi/linux/netfilter/nf_nat.h.
 */
import { Buffer } from 'node:buffer';
import type { Device, Nat, Network, PortRange, Translation } from '../../../spec/trace/network.ts';
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDP_LITE } from '../../../spec/trace/transport.ts';
import { addressBytes } from './addresses.ts';
import { type Expressions, little, NFT_CT_PROTOCOL, NFT_META_IIF, NFT_META_OIF, NFT_REG_1, NFT_REG_2, NFT_REG_3, NFT_REG_4, writeRule } from './expressions.ts';
import type { MessageWriter } from './netlink.ts';

// include/uapi/linux/netfilter/nf_tables.h
const NFTA_NAT_TYPE = 1;
const NFTA_NAT_FAMILY = 2;
const NFTA_NAT_REG_ADDR_MIN = 3;
const NFTA_NAT_REG_ADDR_MAX = 4;
const NFTA_NAT_REG_PROTO_MIN = 5;
const NFTA_NAT_REG_PROTO_MAX = 6;
const NFTA_NAT_FLAGS = 7;
const [NFT_NAT_SNAT, NFT_NAT_DNAT] = [0, 1];
const [NFTA_MASQ_FLAGS, NFTA_MASQ_REG_PROTO_MIN, NFTA_MASQ_REG_PROTO_MAX] = [1, 2, 3];
const [NFTA_REDIR_REG_PROTO_MIN, NFTA_REDIR_REG_PROTO_MAX, NFTA_REDIR_FLAGS] = [1, 2, 3];
// include/uapi/linux/netfilter/nf_nat.h
const NF_NAT_RANGE_MAP_IPS = 1;
const NF_NAT_RANGE_PROTO_SPECIFIED = 2;

/** A version of IP as netfilter numbers it, and what a device has of it. */
export type Binding = { readonly table: 'ip' | 'ip6'; readonly family: number; readonly natOf: (device: Device) => Nat | undefined; readonly icmp: number };

/** Both; `NFPROTO_IPV4` and `NFPROTO_IPV6`. */
export const BINDINGS: readonly Binding[] = [
  { table: 'ip', family: 2, natOf: ({ nat }) => nat, icmp: ICMP },
  { table: 'ip6', family: 10, natOf: ({ nat6 }) => nat6, icmp: ICMPV6 },
];

export type BoundFamily = Binding['table'];

/** The versions of IP whose connections a network binds. */
export const boundFamilies = ({ devices }: Network): readonly BoundFamily[] =>
  BINDINGS.filter(({ natOf }) => devices.some((device) => natOf(device) !== undefined)).map(({ table }) => table);

export const NAT_TABLE = 'nat';

/** The chains, where each side is bound. */
export const NAT_CHAINS = [
  { chain: 'arriving', hook: 'prerouting', priority: -100, side: 'destination', by: NFT_META_IIF },
  { chain: 'leaving', hook: 'postrouting', priority: 100, side: 'source', by: NFT_META_OIF },
] as const;

export type NatChain = (typeof NAT_CHAINS)[number];

/** The tables, empty, in nft's language. */
export const natTables = (families: readonly BoundFamily[]): string =>
  families
    .map((family) => `table ${family} ${NAT_TABLE} {\n${NAT_CHAINS.map(({ chain, hook, priority }) => `chain ${chain} { type nat hook ${hook} priority ${priority}; }`).join('\n')}\n}`)
    .join('\n');

/** A rule of a chain; without ports for all protocols, with ports for one. */
export type NatRule = { readonly device: number; readonly translation: Translation; readonly protocol?: number };

/** What a chain is to hold. Protocols without ports are translated without. */
export const natRulesIn = ({ natOf, icmp }: Binding, { side }: NatChain, devices: readonly Device[]): readonly NatRule[] =>
  devices.flatMap((own, device) => {
    const translation = natOf(own)?.[side];
    if (!translation) return [];
    const { ports, ...withoutPorts } = translation;
    const ported = ports ? [icmp, TCP, UDP, UDP_LITE, SCTP].map((protocol) => ({ device, translation, protocol })) : [];
    return [...ported, { device, translation: withoutPorts }];
  });

/** Writes a rule about an interface into the message that was begun. */
export const writeNatRule = (message: MessageWriter, binding: Binding, { by, side }: NatChain, interfaceNumber: number, { translation, protocol }: NatRule): void =>
  writeRule(message, (write) => {
    const { to, ports } = translation;
    write.onlyIf(by, little(interfaceNumber, 4));
    if (protocol !== undefined) write.onlyOf(NFT_CT_PROTOCOL, Uint8Array.of(protocol));
    if (ports) loadPorts(write, ports);
    if (to !== 'own') writeNat(message, write, binding.family, side, to, ports);
    else if (side === 'source') writeOwn(message, write, 'masq', [NFTA_MASQ_REG_PROTO_MIN, NFTA_MASQ_REG_PROTO_MAX, NFTA_MASQ_FLAGS], ports);
    else writeOwn(message, write, 'redir', [NFTA_REDIR_REG_PROTO_MIN, NFTA_REDIR_REG_PROTO_MAX, NFTA_REDIR_FLAGS], ports);
  });

const loadPorts = ({ immediate }: Expressions, { from, to }: PortRange): void => {
  immediate(NFT_REG_3, big(from));
  immediate(NFT_REG_4, big(to));
};

const writeNat = (
  message: MessageWriter,
  { immediate, expression }: Expressions,
  family: number,
  side: NatChain['side'],
  { from, to }: Exclude<Translation['to'], 'own'>,
  ports: PortRange | undefined,
): void => {
  immediate(NFT_REG_1, addressBytes(from));
  immediate(NFT_REG_2, addressBytes(to));
  expression('nat', () => {
    message.number(NFTA_NAT_TYPE, side === 'source' ? NFT_NAT_SNAT : NFT_NAT_DNAT);
    message.number(NFTA_NAT_FAMILY, family);
    message.number(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
    message.number(NFTA_NAT_REG_ADDR_MAX, NFT_REG_2);
    if (ports) {
      message.number(NFTA_NAT_REG_PROTO_MIN, NFT_REG_3);
      message.number(NFTA_NAT_REG_PROTO_MAX, NFT_REG_4);
    }
    message.number(NFTA_NAT_FLAGS, NF_NAT_RANGE_MAP_IPS | (ports ? NF_NAT_RANGE_PROTO_SPECIFIED : 0));
  });
};

/** To the interface's own address: `attributes` are those of the lowest port, the highest, and flags. */
const writeOwn = (message: MessageWriter, { expression }: Expressions, name: string, [least, most, flags]: readonly [number, number, number], ports: PortRange | undefined): void =>
  expression(name, () => {
    if (!ports) return;
    message.number(least, NFT_REG_3);
    message.number(most, NFT_REG_4);
    message.number(flags, NF_NAT_RANGE_PROTO_SPECIFIED);
  });

const big = (port: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(port);
  return bytes;
};
