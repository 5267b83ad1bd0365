/**
 * IPv6 extension headers in bytes: a chain in which each names the next.
 *
 * Source: RFC 8200 section 4, RFC 4302 section 2.2.
 */
import type { Extension, FragmentHeader, Opaque, Options } from '../../spec/trace/packet.ts';
import { read16, read32, read8, readHex, sizeOf, write16, write32, write8, writeHex } from './octets.ts';

const FRAGMENT = 44;
const FRAGMENT_BYTES = 8;
const AUTHENTICATION = 51;

const OPTIONS: ReadonlyMap<number, Options['kind']> = new Map([
  [0, 'hop-by-hop'],
  [43, 'routing'],
  [AUTHENTICATION, 'authentication'],
  [60, 'destination-options'],
]);
const NUMBERS: ReadonlyMap<string, number> = new Map<string, number>([['fragment', FRAGMENT], ...[...OPTIONS].map(([number, kind]) => [kind, number] as const)]);

type Chain = {
  readonly extensions: readonly Extension[];
  readonly protocol: number;
  /** Where what follows begins. */
  readonly start: number;
  /** Why it is not to be looked into. */
  readonly why?: Opaque['why'];
};

/** The chain from `start` on, up to `end`, whose first header is called `first`; it stops at what is not all there. */
export const decodeChain = (bytes: Uint8Array, from: number, end: number, first: number): Chain => {
  const extensions: Extension[] = [];
  let protocol = first;
  let start = from;
  for (;;) {
    const kind = OPTIONS.get(protocol);
    if (kind === undefined && protocol !== FRAGMENT) return { extensions, protocol, start };
    if (start + 2 > end) return { extensions, protocol, start, why: 'short' };
    const next = start + headerBytes(protocol, read8(bytes, start + 1));
    if (next > end) return { extensions, protocol, start, why: 'header-length' };
    const header = kind === undefined ? fragmentHeader(bytes, start) : { kind, data: readHex(bytes, start + 2, next) };
    extensions.push(header);
    protocol = read8(bytes, start);
    start = next;
    if (header.kind === 'fragment' && (header.mf || header.offset > 0)) return { extensions, protocol, start, why: 'fragment' };
  }
};

const headerBytes = (protocol: number, units: number): number => {
  if (protocol === FRAGMENT) return FRAGMENT_BYTES;
  return protocol === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
};

const fragmentHeader = (bytes: Uint8Array, start: number): FragmentHeader => {
  const field = read16(bytes, start + 2);
  return {
    kind: 'fragment',
    id: read32(bytes, start + 4),
    offset: field & 0xfff8,
    mf: (field & 1) === 1,
    reserved: (read8(bytes, start + 1) << 2) | ((field >>> 1) & 3),
  };
};

const bytesOf = (header: Extension): number => (header.kind === 'fragment' ? FRAGMENT_BYTES : 2 + sizeOf(header.data, `IPv6 ${header.kind}`));

/** The number of bytes that `encodeChain` writes. */
export const chainLength = (extensions: readonly Extension[]): number => extensions.reduce((sum, header) => sum + bytesOf(header), 0);

/** What the header before the chain names as the next one. */
export const firstOf = (extensions: readonly Extension[], protocol: number): number => numberOf(extensions[0], protocol);

const numberOf = (header: Extension | undefined, protocol: number): number => (header ? (NUMBERS.get(header.kind) ?? protocol) : protocol);

/** Writes the chain at `start`. Throws a RangeError where a field cannot be expressed. */
export const encodeChain = (bytes: Uint8Array, from: number, extensions: readonly Extension[], protocol: number): void => {
  let start = from;
  for (const [index, header] of extensions.entries()) {
    write8(bytes, start, numberOf(extensions[index + 1], protocol), 'IPv6 next header');
    if (header.kind === 'fragment') encodeFragment(bytes, start, header);
    else encodeOptions(bytes, start, header);
    start += bytesOf(header);
  }
};

const encodeFragment = (bytes: Uint8Array, start: number, { id, offset, mf, reserved }: FragmentHeader): void => {
  if (offset % 8 !== 0) throw new RangeError(`Packet: IPv6 fragment offset is ${offset}; give a multiple of 8 from 0 to 65528.`);
  write8(bytes, start + 1, reserved >>> 2, 'IPv6 fragment reserved');
  write16(bytes, start + 2, offset, 'IPv6 fragment offset');
  write16(bytes, start + 2, offset | ((reserved & 3) << 1) | (mf ? 1 : 0), 'IPv6 fragment offset');
  write32(bytes, start + 4, id, 'IPv6 fragment id');
};

const encodeOptions = (bytes: Uint8Array, start: number, { kind, data }: Options): void => {
  const unit = kind === 'authentication' ? 4 : 8;
  const units = (2 + sizeOf(data, `IPv6 ${kind}`)) / unit - (kind === 'authentication' ? 2 : 1);
  if (!Number.isInteger(units) || units < 0 || units > 255) {
    throw new RangeError(`Packet: IPv6 ${kind} has ${sizeOf(data, kind)} bytes; give 6, or a multiple of ${unit} more, up to ${kind === 'authentication' ? 1026 : 2046}.`);
  }
  write8(bytes, start + 1, units, `IPv6 ${kind} length`);
  writeHex(bytes, start + 2, data, `IPv6 ${kind}`);
};
