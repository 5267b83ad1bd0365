/**
 * The chain of IPv6 extension headers between fields and bytes.
 *
 * Each header names the next one and says how long it is; the chain ends with a protocol of another layer, with a
 * fragment, whose bytes mean something only once they are put together, or with a header that is not all there.
 *
 * Source: RFC 8200 section 4, RFC 4302 section 2.2 (authentication).
 */
import { type Bytes, bytesOf, type Extension, lengthOf, numberAt, type Opaque, type Options, slice } from '../trace/packet.ts';

export const HOP_BY_HOP = 0;
export const ROUTING = 43;
export const FRAGMENT = 44;
export const AUTHENTICATION = 51;
export const NO_NEXT_HEADER = 59;
export const DESTINATION_OPTIONS = 60;

const KINDS: ReadonlyMap<number, Options['kind']> = new Map([
  [HOP_BY_HOP, 'hop-by-hop'],
  [ROUTING, 'routing'],
  [AUTHENTICATION, 'authentication'],
  [DESTINATION_OPTIONS, 'destination-options'],
]);

const NUMBERS: Readonly<Record<Extension['kind'], number>> = {
  'hop-by-hop': HOP_BY_HOP,
  routing: ROUTING,
  fragment: FRAGMENT,
  authentication: AUTHENTICATION,
  'destination-options': DESTINATION_OPTIONS,
};

export const isExtension = (protocol: number): boolean => protocol === FRAGMENT || KINDS.has(protocol);

/** The header that a header before this one names. */
export const numberOf = ({ kind }: Extension): number => NUMBERS[kind];

export type Chain = {
  readonly extensions: readonly Extension[];
  /** What stands behind them. */
  readonly protocol: number;
  readonly bytes: Bytes;
  /** Why that is not to be looked into. */
  readonly why?: Extract<Opaque['why'], 'fragment' | 'short' | 'header-length'>;
};

/** The chain that begins with the header called `first`. */
export const readChain = (first: number, all: Bytes): Chain => {
  const extensions: Extension[] = [];
  let [protocol, bytes] = [first, all];
  while (isExtension(protocol)) {
    const broken = brokenHeader(protocol, bytes);
    if (broken) return { extensions, protocol, bytes, why: broken };
    const length = lengthOfHeader(protocol, bytes);
    const header = readHeader(protocol, slice(bytes, 0, length));
    extensions.push(header);
    [protocol, bytes] = [numberAt(bytes, 0, 1), slice(bytes, length)];
    if (header.kind === 'fragment' && (header.mf || header.offset > 0)) return { extensions, protocol, bytes, why: 'fragment' };
  }
  return { extensions, protocol, bytes };
};

const brokenHeader = (protocol: number, bytes: Bytes): 'short' | 'header-length' | undefined => {
  if (lengthOf(bytes) < 2) return 'short';
  return lengthOfHeader(protocol, bytes) > lengthOf(bytes) ? 'header-length' : undefined;
};

/** What a header's second byte says of its length; a fragment header has none. */
export const lengthOfHeader = (protocol: number, bytes: Bytes): number => {
  if (protocol === FRAGMENT) return 8;
  const units = numberAt(bytes, 1, 1);
  return protocol === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
};

const readHeader = (protocol: number, bytes: Bytes): Extension => {
  const kind = KINDS.get(protocol);
  if (kind) return { kind, data: slice(bytes, 2) };
  const field = numberAt(bytes, 2, 2);
  return {
    kind: 'fragment',
    id: numberAt(bytes, 4, 4),
    offset: field - (field % 8),
    mf: field % 2 === 1,
    reserved: numberAt(bytes, 1, 1) * 4 + (Math.floor(field / 2) % 4),
  };
};

/** The headers as bytes, in front of `protocol`. `readChain` gives them back. */
export const writeChain = (extensions: readonly Extension[], protocol: number): Bytes =>
  extensions.map((header, index) => writeHeader(header, nextOf(extensions[index + 1], protocol))).join('');

/** What the header before the chain names. */
export const firstOf = (extensions: readonly Extension[], protocol: number): number => nextOf(extensions[0], protocol);

const nextOf = (header: Extension | undefined, protocol: number): number => (header ? numberOf(header) : protocol);

const writeHeader = (header: Extension, next: number): Bytes => {
  if (header.kind === 'fragment') {
    const field = header.offset + (header.reserved % 4) * 2 + (header.mf ? 1 : 0);
    return bytesOf(next, 1) + bytesOf(Math.floor(header.reserved / 4), 1) + bytesOf(field, 2) + bytesOf(header.id, 4);
  }
  const length = 2 + lengthOf(header.data);
  return bytesOf(next, 1) + bytesOf(header.kind === 'authentication' ? length / 4 - 2 : length / 8 - 1, 1) + header.data;
};
