/**
 * TCP in bytes: a header of 20 to 60, and a payload.
 *
 * Source: RFC 9293 section 3.1.
 */
import type { Opaque } from '../../spec/trace/packet.ts';
import { type Tcp, TCP_FLAGS, type TcpFlags } from '../../spec/trace/transport.ts';
import { namedChecksum, rightChecksum, writtenChecksum } from './checksum.ts';
import { read16, read32, read8, readHex, sizeOf, write16, write32, write8, writeHex } from './octets.ts';

const MIN_HEADER = 20;
const MAX_HEADER = 60;

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGEMENT = 8;
const HEADER_LENGTH = 12;
const FLAGS = 13;
const WINDOW = 14;
const CHECKSUM = 16;
const URGENT = 18;
const OPTIONS = 20;

/** `start` to `end` is what IP gives to TCP; `pseudo` is the sum of the pseudo header's words. Or why it is no segment. */
export const decodeTcp = (bytes: Uint8Array, start: number, end: number, pseudo: number): Tcp | Opaque['why'] => {
  if (end - start < MIN_HEADER) return 'short';
  const options = start + OPTIONS;
  const payload = start + (read8(bytes, start + HEADER_LENGTH) >>> 4) * 4;
  if (payload < options || payload > end) return 'header-length';
  return {
    kind: 'tcp',
    sourcePort: read16(bytes, start + SOURCE_PORT),
    destinationPort: read16(bytes, start + DESTINATION_PORT),
    sequence: read32(bytes, start + SEQUENCE),
    acknowledgement: read32(bytes, start + ACKNOWLEDGEMENT),
    reserved: read8(bytes, start + HEADER_LENGTH) & 0x0f,
    flags: FLAG_LETTERS[read8(bytes, start + FLAGS)] ?? '',
    window: read16(bytes, start + WINDOW),
    checksum: namedChecksum(read16(bytes, start + CHECKSUM), rightChecksum(bytes, start, end, CHECKSUM, pseudo)),
    urgent: read16(bytes, start + URGENT),
    options: readHex(bytes, options, payload),
    payload: readHex(bytes, payload, end),
  };
};

/** The number of bytes that `encodeTcp` writes. */
export const tcpLength = (tcp: Tcp): number => OPTIONS + sizeOf(tcp.options, 'TCP options') + sizeOf(tcp.payload, 'TCP payload');

/** Writes `tcp` at `start`. */
export const encodeTcp = (bytes: Uint8Array, start: number, tcp: Tcp, pseudo: number): void => {
  const end = start + tcpLength(tcp);
  const header = OPTIONS + sizeOf(tcp.options, 'TCP options');
  if (header % 4 !== 0 || header > MAX_HEADER) {
    throw new RangeError(`Packet: TCP options have ${header - OPTIONS} bytes; give a multiple of 4, at most 40.`);
  }
  if (!Number.isInteger(tcp.reserved) || tcp.reserved < 0 || tcp.reserved > 15) {
    throw new RangeError(`Packet: TCP reserved bits are ${tcp.reserved}; give a whole number from 0 to 15.`);
  }
  write16(bytes, start + SOURCE_PORT, tcp.sourcePort, 'TCP source port');
  write16(bytes, start + DESTINATION_PORT, tcp.destinationPort, 'TCP destination port');
  write32(bytes, start + SEQUENCE, tcp.sequence, 'TCP sequence number');
  write32(bytes, start + ACKNOWLEDGEMENT, tcp.acknowledgement, 'TCP acknowledgement number');
  write8(bytes, start + HEADER_LENGTH, (header / 4) * 16 + tcp.reserved, 'TCP header length');
  write8(bytes, start + FLAGS, bitsOf(tcp.flags), 'TCP flags');
  write16(bytes, start + WINDOW, tcp.window, 'TCP window');
  write16(bytes, start + URGENT, tcp.urgent, 'TCP urgent pointer');
  writeHex(bytes, start + OPTIONS, tcp.options, 'TCP options');
  writeHex(bytes, start + header, tcp.payload, 'TCP payload');
  const right = rightChecksum(bytes, start, end, CHECKSUM, pseudo);
  write16(bytes, start + CHECKSUM, writtenChecksum(tcp.checksum, right), 'TCP checksum');
};

/** The letters of each value of the flags' octet. */
const FLAG_LETTERS: readonly TcpFlags[] = Array.from({ length: 256 }, (_, bits) =>
  TCP_FLAGS.filter((_letter, index) => (bits & (1 << index)) !== 0).join(''),
);

const BITS: ReadonlyMap<TcpFlags, number> = new Map(FLAG_LETTERS.map((letters, bits) => [letters, bits]));

const bitsOf = (flags: TcpFlags): number => {
  const bits = BITS.get(flags);
  if (bits === undefined) throw new RangeError(`Packet: TCP flags are "${flags}"; give letters of ${TCP_FLAGS.join('')} in this order.`);
  return bits;
};
