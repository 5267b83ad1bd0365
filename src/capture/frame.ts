/**
 * What becomes of one captured frame: it is played, or left out for a reason.
 */
import { notCovered } from '../../spec/step.ts';
import type { Ip, Packet } from '../../spec/trace/packet.ts';
import { readLink } from './link.ts';
import { withoutOffload } from './offload.ts';

/** A frame as a capture file holds it. */
export type Frame = {
  /** The LINKTYPE_ value of its file or interface. */
  readonly linkType: number;
  /** Whether the recorder kept only its beginning (snaplen). */
  readonly cut: boolean;
  readonly bytes: Uint8Array;
};

export type Fate =
  | { readonly kind: 'played'; readonly packet: Ip; readonly notes: readonly string[] }
  /** The reason, in a few words. */
  | { readonly kind: 'left out'; readonly reason: string };

const REASONS = {
  snaplen: 'cut by the recorder (snaplen)',
  superframe: 'larger than any IP packet (segmentation offload)',
} as const;

/**
 * What the model specifies is played: IPv4 and IPv6, whole and in fragments, mistakes included. After any other packet
 * nothing could be compared any more.
 */
export const fateOf = ({ linkType, cut, bytes }: Frame): Fate => {
  const link = readLink(linkType, bytes);
  if (link.kind === 'short') return leftOut(cut ? REASONS.snaplen : 'shorter than its link layer header');
  if (link.kind === 'other') return leftOut(`not covered yet: ${link.what}`);
  if (cut && !holdsWhole(link.kind, link.bytes)) return leftOut(REASONS.snaplen);
  const onloaded = withoutOffload(link.bytes);
  if (!onloaded) return leftOut(REASONS.superframe);
  const { packet, notes } = onloaded;
  const version = VERSIONS[link.kind];
  if (packet.kind !== link.kind) return leftOut(`no ${version} header: ${RAW[packet.kind === 'raw' ? packet.why : 'version']}`);
  const why = notCovered(packet);
  if (why !== undefined) return leftOut(`not covered yet: ${version}, ${why}`);
  return { kind: 'played', packet, notes: [...notes, ...oddities(packet)] };
};

const leftOut = (reason: string): Fate => ({ kind: 'left out', reason });

const VERSIONS = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

const RAW: Record<Extract<Packet, { kind: 'raw' }>['why'], string> = {
  short: 'too short',
  version: 'another version',
  'header-length': 'a header length that cannot be',
};

const protocolName = (protocol: number): string => PROTOCOLS.get(protocol) ?? `IP protocol ${protocol}`;

const PROTOCOLS = new Map([
  [1, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IPv4 in IPv4'],
  [6, 'TCP'],
  [17, 'UDP'],
  [33, 'DCCP'],
  [41, 'IPv6 in IPv4'],
  [47, 'GRE'],
  [50, 'ESP'],
  [51, 'AH'],
  [58, 'ICMPv6'],
  [89, 'OSPF'],
  [103, 'PIM'],
  [112, 'VRRP'],
  [132, 'SCTP'],
  [136, 'UDP-Lite'],
]);

/** A recorder that cut a frame may have cut its padding only. A length of 0 says nothing. */
const holdsWhole = (kind: Ip['kind'], bytes: Uint8Array): boolean => {
  const [at, header] = kind === 'ipv4' ? [2, 0] : [4, 40];
  const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return length > 0 && header + length <= bytes.length;
};

/** What is played as it is and will be judged as the mistake that it is. */
const oddities = (packet: Ip): readonly string[] => {
  const { payload } = packet;
  const name = protocolName(packet.protocol);
  const found: string[] = [];
  if (packet.kind === 'ipv4' && typeof packet.checksum === 'object') found.push('wrong IPv4 header checksum: kept');
  if (packet.length !== 'right') found.push(`${VERSIONS[packet.kind]} length that cannot be: kept`);
  else if (payload.kind === 'opaque' && payload.why === 'short') found.push(`too short for its ${name} header: kept`);
  else if (payload.kind === 'opaque' && payload.why === 'header-length') found.push(`${name} header length that cannot be: kept`);
  if ('length' in payload && payload.length !== 'right') found.push(`${name} length that differs from the bytes: kept`);
  if ('checksum' in payload && typeof payload.checksum === 'object') found.push(`wrong ${name} checksum: kept`);
  return found;
};
