/**
 * Small words for the engine's tests: packets as bytes, networks, and verdicts as plain values.
 *
 * Written without the engine's code, so that a wrong checksum is not wrong twice.
 */
import { DEFAULT_TCP } from '../../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../../spec/timeouts.ts';
import type { Device, Network } from '../../../spec/trace/network.ts';
import { pieceOf, type Verdict } from '../index.ts';

export type Ip = {
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: number;
  readonly id?: number;
  readonly offset?: number;
  readonly mf?: boolean;
  readonly df?: boolean;
  readonly reserved?: boolean;
  readonly tos?: number;
  readonly ttl?: number;
  readonly options?: readonly number[];
  readonly payload?: Uint8Array | readonly number[];
  readonly trailer?: readonly number[];
};

/** An IPv4 packet with right lengths and checksum. */
export const ip = (fields: Ip): Uint8Array => {
  const options = fields.options ?? [];
  const payload = fields.payload ?? [];
  const length = 20 + options.length + payload.length;
  const fragment =
    (fields.reserved ? 0x8000 : 0) | (fields.df ? 0x4000 : 0) | (fields.mf ? 0x2000 : 0) | ((fields.offset ?? 0) / 8);
  const bytes = Uint8Array.of(
    0x45 + options.length / 4,
    fields.tos ?? 0,
    ...split(length),
    ...split(fields.id ?? 0),
    ...split(fragment),
    fields.ttl ?? 64,
    fields.protocol ?? 17,
    0,
    0,
    ...address(fields.source ?? '10.9.9.9'),
    ...address(fields.destination ?? '198.51.100.1'),
    ...options,
  );
  bytes.set(split(internetChecksum(bytes)), 10);
  return Uint8Array.from([...bytes, ...payload, ...(fields.trailer ?? [])]);
};

export type Ip6 = {
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  readonly next?: number;
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  readonly payload?: Uint8Array | readonly number[];
  readonly trailer?: readonly number[];
};

/** The address fd00::`last`. */
export const host6 = (last: number): readonly number[] => [0xfd, ...Array.from({ length: 14 }, () => 0), last];

/** An IPv6 packet from fd00::1 to fd00::2 with a right length; extension headers are part of the payload. */
export const ip6 = (fields: Ip6): Uint8Array => {
  const payload = fields.payload ?? [];
  const trafficClass = fields.trafficClass ?? 0;
  return Uint8Array.from([
    0x60 | (trafficClass >> 4), (trafficClass & 15) << 4, 0, 0,
    ...split(payload.length),
    fields.next ?? 17,
    fields.hopLimit ?? 64,
    ...(fields.source ?? host6(1)),
    ...(fields.destination ?? host6(2)),
    ...payload,
    ...(fields.trailer ?? []),
  ]);
};

/** A fragment of these bytes, of a datagram of id 7 that begins with a header called `next`. */
export const fragment6 = (bytes: readonly number[], offset: number, end: number, next = 17, fields: Ip6 = {}): Uint8Array =>
  ip6({ ...fields, next: 44, payload: [next, 0, ...split(offset | (end < bytes.length ? 1 : 0)), 0, 0, 0, 7, ...bytes.slice(offset, end)] });

/** A UDP datagram of these ports, without a checksum. */
export const udp = (source: number, destination: number, payload: readonly number[] = []): Uint8Array =>
  Uint8Array.from([...split(source), ...split(destination), ...split(8 + payload.length), 0, 0, ...payload]);

/** An ICMP message with a right checksum. The identifier is 7 unless said otherwise; an error ignores it. */
export const icmp = (type: number, payload: Uint8Array | readonly number[] = [], code = 0, identifier = 7): Uint8Array => {
  const bytes = Uint8Array.from([type, code, 0, 0, ...split(identifier), 0, 1, ...payload]);
  bytes.set(split(internetChecksum(bytes)), 2);
  return bytes;
};

/** RFC 1071, the slow way. */
export const internetChecksum = (bytes: Uint8Array): number => {
  let sum = 0;
  for (const [place, value] of bytes.entries()) sum += place % 2 === 0 ? value * 256 : value;
  return 0xffff - (sum % 0xffff === 0 && sum > 0 ? 0xffff : sum % 0xffff);
};

/** The bytes 0, 1, 2 ... of a recognisable payload. */
export const counting = (length: number): readonly number[] => Array.from({ length }, (_, place) => place & 0xff);

/** The fragment of a packet that holds its payload from `offset` (a multiple of 8) up to `end`. */
const fragment = (fields: Ip, offset: number, end: number): Uint8Array => {
  const payload = Uint8Array.from(fields.payload ?? []);
  return ip({ ...fields, offset, mf: end < payload.length, payload: payload.subarray(offset, end) });
};

/** Cuts a packet's payload at multiples of 8 into fragments. */
export const fragmentsOf = (fields: Ip, ...cuts: readonly number[]): readonly Uint8Array[] => {
  const length = fields.payload?.length ?? 0;
  return [0, ...cuts].map((offset, index) => fragment(fields, offset, cuts[index] ?? length));
};

/** Cuts a packet's payload in two at a multiple of 8. */
export const halvesOf = (fields: Ip, cut: number): readonly [Uint8Array, Uint8Array] => [
  fragment(fields, 0, cut),
  fragment(fields, cut, fields.payload?.length ?? 0),
];

/** A device `NAME` in a zone, and `NAME-out` in the same zone where it leaves and answers come from. */
export const inZone = (name: string, id: number, assigned: 'before-defragmentation' | 'after-defragmentation'): readonly Device[] => {
  const passes = [{ zone: { id, counts: 'both' as const }, assigned }];
  return [
    { name, passes, exit: `${name}-out` },
    { name: `${name}-out`, passes, exit: name },
  ];
};

/** Devices 0 and 1 in zone 1, 2 and 3 in zone 2. */
export const twoZones = (changes: Partial<Network> = {}): Network => ({
  devices: [...inZone('a', 1, 'before-defragmentation'), ...inZone('b', 2, 'before-defragmentation')],
  tenants: [],
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
  ...changes,
});

/** What left, in hexadecimal. */
export const leftOf = (verdict: Verdict): readonly string[] =>
  Array.from({ length: verdict.outgoing.pieces }, (_, piece) => hex(pieceOf(verdict, piece)));

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a verdict says, in a value that stays. */
export const said = (verdict: Verdict): string => {
  const { fate, state, zone, direction, connection } = verdict;
  return state === 'new' || state === 'established' || state === 'related'
    ? `${fate}: ${state} ${direction} zone ${zone} connection ${connection}`
    : `${fate}: ${state}`;
};

const split = (value: number): readonly [number, number] => [value >> 8, value & 0xff];
const address = (text: string): readonly number[] => text.split('.').map(Number);
