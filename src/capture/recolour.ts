/**
 * Recolouring: a captured packet as a tenant plays it, its payload in the tenant's colour and everything else as it was.
 *
 * The colour's packet number counts datagrams, not frames: an exact duplicate has its first copy's number, so it stays
 * an exact duplicate, and all fragments of a datagram carry slices of one coloured datagram. Numbers begin again after
 * 16384 datagrams, so in a long capture a colour names one of several datagrams of its tenant, never another tenant.
 *
 * UDP, UDP-Lite, TCP and the echoes of ICMP are coloured behind their headers, SCTP in its chunks of data, and errors of
 * ICMP quote their packet as the tenant played it. Anything else stays as it was, because what is not looked into may say
 * something at any place.
 *
 * A checksum stays what it was: right, none or wrong. Where some fragments are missing from the capture nobody can
 * tell, and it is taken for right, over as many bytes as UDP's own length field says. Where more is missing than there
 * is, each fragment is coloured by itself, blocks counted from its own start, and its header is kept as it is. Bytes
 * that no datagram can reach (after 65535) are zeros. An IP header is never touched, so its checksum stays too.
 */
import { colouredPayload, LAST_PACKET } from '../../properties/colours.ts';
import { headerLength, lengthOf, numberAt, slice } from '../../spec/trace/packet.ts';
import type { Bytes, Ip } from '../../spec/trace/packet.ts';
import { ICMP, ICMPV6, TCP, type Transport, UDP, UDP_LITE } from '../../spec/trace/transport.ts';
import { chunksOf } from '../../spec/wire/sctp.ts';
import { payloadStart } from '../../spec/wire/transport.ts';
import { decode, encode } from '../packet/index.ts';
import { beginningOf, dataOf, datagramsOf, isPart, MAX_LENGTH, offsetOf, wholeOf } from './datagrams.ts';
import type { Datagram, Played, Whole } from './datagrams.ts';
import { isError, quotesIn } from './quotes.ts';
import type { Quote } from './quotes.ts';

export type Recolour = {
  /** The packets as tenant 1..31 plays them, in their order. */
  readonly packetsOf: (tenant: number) => readonly Ip[];
  /** How many packets are fragments of a datagram that is all there and has a wrong checksum. */
  readonly wrongFragments: number;
  /** How many packets are errors about one that was not captured before them. */
  readonly strangeErrors: number;
};

export const recolourOf = (played: readonly Played[]): Recolour => {
  const packets = played.map(({ packet }) => packet);
  const datagrams = datagramsOf(played);
  const quotes = quotesIn(packets, datagrams);
  const plans = new Map(Array.from(new Set(datagrams), (datagram) => [datagram, planOf(datagram)]));
  const isWrong = (datagram: Datagram | undefined): boolean => hasWrongChecksum(datagram && plans.get(datagram)?.whole?.packet);
  return {
    packetsOf: (tenant) => {
      const bodies = new Map<Datagram, Bytes | undefined>();
      const bodyOf = (datagram: Datagram): Bytes | undefined => {
        const plan = plans.get(datagram);
        if (plan && !bodies.has(datagram)) bodies.set(datagram, bodyInColour(plan, tenant, numberOf(datagram)));
        return bodies.get(datagram);
      };
      return packets.map((packet, index) => {
        const [datagram, quote] = [datagrams[index], quotes.get(index)];
        if (quote) return quoting(packet, quote, bodyOf(quote.datagram));
        if (!datagram) return packet;
        const number = numberOf(datagram);
        return isPart(packet) ? partInColour(packet, bodyOf(datagram), tenant, number) : inColour(packet, tenant, number);
      });
    },
    wrongFragments: packets.filter((packet, index) => isPart(packet) && isWrong(datagrams[index])).length,
    strangeErrors: packets.filter((packet, index) => isError(packet) && !quotes.has(index)).length,
  };
};

const numberOf = ({ index }: Datagram): number => index % (LAST_PACKET + 1);

/** The protocols whose payload is all to be coloured, so that a part of it is even if its beginning is missing. */
const COLOURED = [ICMP, ICMPV6, TCP, UDP, UDP_LITE];
const ECHOES: ReadonlyMap<number, readonly number[]> = new Map([
  [ICMP, [0, 8]],
  [ICMPV6, [128, 129]],
]);

/** What has something to colour. */
const colourable = ({ protocol, payload }: Ip): Transport | undefined => {
  if (payload.kind === 'opaque') return undefined;
  return payload.kind !== 'icmp' || ECHOES.get(protocol)?.includes(payload.type) ? payload : undefined;
};

/** A whole packet. */
const inColour = (packet: Ip, tenant: number, number: number): Ip => {
  const payload = colourable(packet);
  if (!payload) return packet;
  const colour = colours(tenant, number, lengthOf(payload.payload));
  return stillWrong({ ...packet, payload: { ...signed(payload), payload: payload.kind === 'sctp' ? withData(payload.payload, colour) : colour } });
};

/** Chunks with the bytes of `colour` in place of what they carry for a user. */
const withData = (chunks: Bytes, colour: Bytes): Bytes => {
  let bytes = chunks;
  for (const { type, at, length } of chunksOf(chunks)) {
    const [start, end] = [at + DATA_HEADER, at + length];
    if (type === DATA && start < end && end <= lengthOf(chunks)) bytes = slice(bytes, 0, start) + slice(colour, start, end) + slice(bytes, end);
  }
  return bytes;
};

const DATA = 0;
/** Source: RFC 9260 section 3.3.1. */
const DATA_HEADER = 16;

/** A fragment of the coloured datagram `body`, or of one that nobody knows enough of. */
const partInColour = (packet: Ip, body: Bytes | undefined, tenant: number, number: number): Ip => {
  const { payload, protocol } = packet;
  const offset = offsetOf(packet);
  if (payload.kind !== 'opaque') return packet;
  const length = lengthOf(payload.bytes);
  if (body !== undefined) {
    const bytes = slice(body, offset, offset + length);
    return lengthOf(bytes) === length ? { ...packet, payload: { ...payload, bytes } } : packet;
  }
  if (!COLOURED.includes(protocol)) return packet;
  const head = offset === 0 ? slice(payload.bytes, 0, payloadStart(protocol, payload.bytes)) : '';
  return { ...packet, payload: { ...payload, bytes: head + colours(tenant, number, length - lengthOf(head)) } };
};

/** An error about a packet whose coloured bytes are `body`. */
const quoting = (packet: Ip, { header, bytes }: Quote, body: Bytes | undefined): Ip => {
  const { payload } = packet;
  if (payload.kind !== 'icmp' || body === undefined) return packet;
  return stillWrong({ ...packet, payload: { ...signed(payload), payload: flat(header + slice(body, 0, bytes)) } });
};

/** What the packets of a datagram make. */
type Plan = {
  /** The datagram as one packet, as far as it is known; undefined if it has no beginning, or is longer than any packet. */
  readonly whole: Whole | undefined;
  /** The headers of its own, those of its transport last. */
  readonly head: Bytes;
  /** As many bytes as its parts reach. */
  readonly reach: number;
};

/**
 * Undefined where more is missing than there is, so that the bytes coloured are at most twice those captured, and where
 * nobody can tell whether there is anything to colour.
 */
const planOf = (datagram: Datagram): Plan | undefined => {
  const parts = [...datagram.parts.values()];
  const [first, beginning] = [datagram.parts.get(0), beginningOf(datagram)];
  const reach = Math.max(0, ...parts.map((part) => offsetOf(part) + lengthOf(dataOf(part))));
  const held = parts.reduce((sum, part) => sum + lengthOf(dataOf(part)), 0);
  const bytes = beginning.isAll ? lengthOf(beginning.bytes) : Math.max(reach, claimedBy(first));
  if (held === 0 || Math.max(reach, bytes) > 2 * held) return undefined;
  if (!first && parts.some(({ protocol }) => !COLOURED.includes(protocol))) return undefined;
  const whole = first && wholeOf(first, beginning.bytes.padEnd(bytes * 2, '0'));
  const length = whole ? headOf(whole) : first ? payloadStart(first.protocol, beginning.bytes) : LEAST_HEADER;
  const head = slice(beginning.bytes, 0, length).padEnd(length * 2, '0');
  return { whole: whole && (beginning.isAll ? whole : asIfRight(whole)), head, reach };
};

/** How long the headers of a datagram's own are, in bytes. */
const headOf = ({ packet, headers }: Whole): number => headerLength(packet) - headers + payloadStart(packet.protocol, dataOf(packet));

/** Its bytes in colour, as far as its parts reach. */
const bodyInColour = ({ whole, head, reach }: Plan, tenant: number, number: number): Bytes => {
  if (whole && !colourable(whole.packet)) return dataOf(whole.packet, whole.headers);
  const known = whole ? dataOf(inColour(whole.packet, tenant, number), whole.headers) : head;
  return flat(known + slice(colours(tenant, number, reach - lengthOf(head)), lengthOf(known) - lengthOf(head)));
};

const LEAST_HEADER = 8;

/** What the length field of UDP says, where it was captured. */
const claimedBy = (first: Ip | undefined): number => (first?.protocol === UDP ? numberAt(dataOf(first), 4, 2) || 0 : 0);

const asIfRight = (whole: Whole): Whole => {
  const { packet } = whole;
  const { payload } = packet;
  if (payload.kind === 'opaque' || payload.checksum === 'none') return whole;
  return { ...whole, packet: { ...packet, payload: { ...payload, checksum: 'right' } } };
};

/** A checksum that was ffff for 0 is right, and is so whatever the colours ask for. */
const signed = <Coloured extends Transport>(payload: Coloured): Coloured =>
  payload.checksum === 'negative zero' ? { ...payload, checksum: 'right' } : payload;

/** A checksum that was wrong stays wrong, even where the colours happen to ask for the very value that it has. */
const stillWrong = (packet: Ip): Ip => {
  const { payload } = packet;
  if (payload.kind === 'opaque' || typeof payload.checksum === 'string') return packet;
  const again = decode(encode(packet));
  if (again.kind === 'raw' || hasWrongChecksum(again)) return packet;
  return { ...packet, payload: { ...payload, checksum: { wrong: (payload.checksum.wrong ^ 1) >>> 0 || 2 } } };
};

const hasWrongChecksum = (packet: Ip | undefined): boolean =>
  packet !== undefined && packet.payload.kind !== 'opaque' && typeof packet.payload.checksum === 'object';

const colours = (tenant: number, number: number, bytes: number): Bytes =>
  flat(colouredPayload(tenant, number, Math.min(Math.max(bytes, 0), MAX_LENGTH)).padEnd(bytes * 2, '0'));

/** The same text in one piece: one that was put together from parts keeps them all, ten times its size. */
const flat = (text: Bytes): Bytes => Buffer.from(text, 'latin1').toString('latin1');
