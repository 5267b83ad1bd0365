/**
 * The bench's packets. A stream of a million connections is one packet, written over again with another tuple each time.
 */
import { ipv4 } from '../../spec/trace/packet.ts';
import { UDP } from '../../spec/trace/transport.ts';
import { rightChecksum, sumOfWords } from '../packet/checksum.ts';
import { encode } from '../packet/index.ts';

const SERVER = 0xc000_0201;
const CLIENTS = 0x0a00_0000;
const HEADER_BYTES = 20;

/** An IPv4 packet of 64 bytes with UDP in it, to be written over. */
export const datagram = (): Uint8Array => Uint8Array.from(encode(udp(64 - HEADER_BYTES - 8, 0)));

const udp = (payloadBytes: number, id: number) =>
  ipv4({
    source: '10.0.0.0',
    destination: '192.0.2.1',
    id,
    df: payloadBytes < 1400,
    payload: { kind: 'udp', sourcePort: 5000, destinationPort: 53, length: 'right', checksum: 'right', payload: '5a'.repeat(payloadBytes) },
  });

/** Writes the tuple of a connection (0..2^24-1) into a UDP datagram, as its client sends it or as the answer to it. */
export const writeTuple = (packet: Uint8Array, connection: number, direction: 'original' | 'reply'): void => {
  const [client, server] = direction === 'original' ? [0, 1] : [1, 0];
  writeLong(packet, 12 + client * 4, CLIENTS + connection);
  writeLong(packet, 12 + server * 4, SERVER);
  writeShort(packet, 20 + client * 2, 1024 + (connection % 60_000));
  writeShort(packet, 20 + server * 2, 53);
  writeChecksums(packet);
};

const writeChecksums = (packet: Uint8Array): void => {
  writeHeaderChecksum(packet);
  const pseudo = sumOfWords(packet, 12, HEADER_BYTES) + UDP + packet.length - HEADER_BYTES;
  // 0 means no checksum, so its other name is sent (RFC 768).
  writeShort(packet, 26, rightChecksum(packet, HEADER_BYTES, packet.length, 6, pseudo) || 0xffff);
};

const writeHeaderChecksum = (packet: Uint8Array): void => writeShort(packet, 10, rightChecksum(packet, 0, HEADER_BYTES, 10, 0));

/** The pieces of a datagram of this connection, in order, each with 1480 bytes, as Ethernet has them. */
export const piecesOf = (connection: number, pieces: number): readonly Uint8Array[] => {
  const whole = Uint8Array.from(encode(udp(pieces * 1480 - 8, connection)));
  writeTuple(whole, connection, 'original');
  return Array.from({ length: pieces }, (_, piece) => {
    const fragment = new Uint8Array(HEADER_BYTES + 1480);
    fragment.set(whole.subarray(0, HEADER_BYTES));
    fragment.set(whole.subarray(HEADER_BYTES + piece * 1480, HEADER_BYTES + (piece + 1) * 1480), HEADER_BYTES);
    writeShort(fragment, 2, fragment.length);
    writeShort(fragment, 6, (piece + 1 < pieces ? 0x2000 : 0) | (piece * 185));
    writeHeaderChecksum(fragment);
    return fragment;
  });
};

const writeLong = (bytes: Uint8Array, at: number, value: number): void => {
  writeShort(bytes, at, value >>> 16);
  writeShort(bytes, at + 2, value & 0xffff);
};

const writeShort = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
};
