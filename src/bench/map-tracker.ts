/**
 * What the engine is measured against: connection tracking as one would write it in TypeScript without a thought for
 * speed, a `Map` with string keys and a fresh object for whatever is worth a name.
 *
 * It does all that the bench's packets ask for: checksums, zones, both halves of a connection, timeouts, reassembly,
 * forwarding. They have no options and no fragments that overlap, so it knows neither, and it has no limits.
 */
import type { Network, Timeouts } from '../../spec/trace/network.ts';

/** One pass of a packet: what tracking said of it, and what left. */
export type MapVerdict = {
  readonly state: 'unseen' | 'new' | 'established' | 'invalid' | 'untracked';
  readonly zone?: number;
  readonly direction?: 'original' | 'reply';
  readonly connection?: number;
  /** The number of the device by which the pieces leave. */
  readonly exit?: number;
  readonly left: readonly Uint8Array[];
};

type Header = {
  readonly totalLength: number;
  readonly id: number;
  readonly mf: boolean;
  readonly offset: number;
  readonly protocol: number;
  readonly source: number;
  readonly destination: number;
};

type Connection = {
  readonly label: number;
  readonly reply: string;
  readonly createdMs: number;
  expiresMs: number;
  seenReply: boolean;
};

/** A datagram that waits for fragments: their payloads by offset. */
type Queue = {
  readonly pieces: Map<number, Uint8Array>;
  readonly expiresMs: number;
  received: number;
  /** Known once the last fragment was seen. */
  length?: number;
  /** The fragment at offset 0, and the device that it arrived on. */
  first?: { readonly device: number; readonly header: Uint8Array };
};

type Port = { readonly zone: number; readonly fragmentZone: number; readonly early: boolean; readonly exit: number };

const HEADER_BYTES = 20;
const UDP = 17;
const STREAM_AFTER_MS = 2000;
/** What expired is not found any more; once in this time it is looked for and removed. */
const SWEEP_MS = 1000;
const NOTHING: MapVerdict = { state: 'unseen', left: [] };

export class MapTracker {
  /** Each connection twice, by the key of either half. */
  readonly #connections = new Map<string, Connection>();
  readonly #queues = new Map<string, Queue>();
  readonly #ports: readonly Port[];
  readonly #timeouts: Timeouts;
  #nowMs = 0;
  #sweptMs = 0;
  #labels = 0;

  constructor({ devices, timeouts }: Network) {
    const numbers = new Map(devices.map(({ name }, number) => [name, number]));
    this.#timeouts = timeouts;
    this.#ports = devices.map(({ passes: [pass], exit }) => {
      const zone = pass?.zone?.id ?? 0;
      const inTime = pass?.assigned === 'before-defragmentation';
      return { zone, fragmentZone: inTime ? zone : 0, early: inTime && pass.zone !== undefined, exit: numbers.get(exit) ?? 0 };
    });
  }

  advance(milliseconds: number): void {
    this.#nowMs += milliseconds;
    if (this.#nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = this.#nowMs;
    for (const table of [this.#connections, this.#queues]) {
      for (const [key, { expiresMs }] of table) if (expiresMs <= this.#nowMs) table.delete(key);
    }
  }

  receive(device: number, bytes: Uint8Array): MapVerdict {
    const header = readHeader(bytes);
    const port = this.#ports[device];
    if (!header || !port) return NOTHING;
    if (!header.mf && header.offset === 0) return this.#track(header, bytes, port.zone, port.exit);
    return this.#gather(header, bytes, device, port);
  }

  #gather(header: Header, bytes: Uint8Array, device: number, port: Port): MapVerdict {
    const key = `${port.fragmentZone}/${header.protocol}/${header.source}>${header.destination}/${header.id}`;
    let queue = this.#queues.get(key);
    if (!queue || queue.expiresMs <= this.#nowMs) {
      queue = { pieces: new Map(), expiresMs: this.#nowMs + this.#timeouts.fragmentMs, received: 0 };
      this.#queues.set(key, queue);
    }
    const { offset } = header;
    if (queue.pieces.has(offset)) return NOTHING;
    const payload = bytes.slice(HEADER_BYTES, header.totalLength);
    queue.pieces.set(offset, payload);
    queue.received += payload.length;
    if (!header.mf) queue.length = offset + payload.length;
    if (offset === 0) queue.first = { device, header: bytes.slice(0, HEADER_BYTES) };
    if (!queue.first || queue.received !== queue.length) return NOTHING;
    this.#queues.delete(key);
    const pieces = [...queue.pieces].toSorted(([a], [b]) => a - b);
    const whole = new Uint8Array(HEADER_BYTES + queue.length);
    whole.set(queue.first.header);
    for (const [at, piece] of pieces) whole.set(piece, HEADER_BYTES + at);
    const first = this.#ports[queue.first.device] ?? port;
    return this.#track({ ...header, totalLength: whole.length }, whole, first.early ? first.zone : port.zone, port.exit, pieces);
  }

  #track(header: Header, bytes: Uint8Array, zone: number, exit: number, pieces?: readonly (readonly [number, Uint8Array])[]): MapVerdict {
    const ttl = bytes[8] ?? 0;
    const left = () => {
      if (ttl <= 1) return [];
      if (!pieces) return [oneHopLess(bytes.slice(0, header.totalLength))];
      return pieces.map(([offset, piece], place) => oneHopLess(fragmentOf(bytes, piece, offset, place + 1 < pieces.length)));
    };
    if (header.protocol !== UDP) return { state: 'untracked', exit, left: left() };
    const ports = readPorts(header, bytes);
    if (!ports) return { state: 'invalid', exit, left: left() };
    const from = `${header.source}:${ports.source}`;
    const to = `${header.destination}:${ports.destination}`;
    const key = `${zone}/${header.protocol}/${from}>${to}`;
    const known = this.#connections.get(key);
    if (known && known.expiresMs > this.#nowMs) {
      const direction = known.reply === key ? 'reply' : 'original';
      const state = direction === 'reply' || known.seenReply ? 'established' : 'new';
      this.#refresh(known, direction);
      return { state, zone, direction, connection: known.label, exit, left: left() };
    }
    const label = ++this.#labels;
    if (ttl > 1) {
      const reply = `${zone}/${header.protocol}/${to}>${from}`;
      const connection = { label, reply, createdMs: this.#nowMs, expiresMs: this.#nowMs + this.#timeouts.udpMs, seenReply: false };
      this.#connections.set(key, connection);
      this.#connections.set(reply, connection);
    }
    return { state: 'new', zone, direction: 'original', connection: label, exit, left: left() };
  }

  #refresh(connection: Connection, direction: 'original' | 'reply'): void {
    const stream = connection.seenReply && this.#nowMs > connection.createdMs + STREAM_AFTER_MS;
    connection.expiresMs = this.#nowMs + (stream ? this.#timeouts.udpStreamMs : this.#timeouts.udpMs);
    if (direction === 'reply') connection.seenReply = true;
  }
}

/** Undefined unless it is an IPv4 header of 20 bytes, right, and all of its packet is there. */
const readHeader = (bytes: Uint8Array): Header | undefined => {
  if (bytes.length < HEADER_BYTES || bytes[0] !== 0x45) return undefined;
  const totalLength = short(bytes, 2);
  if (totalLength < HEADER_BYTES || totalLength > bytes.length || folded(sumOf(bytes, 0, HEADER_BYTES)) !== 0xffff) return undefined;
  const fragment = short(bytes, 6);
  return {
    totalLength,
    id: short(bytes, 4),
    mf: (fragment & 0x2000) !== 0,
    offset: (fragment & 0x1fff) * 8,
    protocol: bytes[9] ?? 0,
    source: long(bytes, 12),
    destination: long(bytes, 16),
  };
};

/** The ports of a UDP datagram, or undefined if it is invalid. */
const readPorts = ({ protocol, totalLength }: Header, bytes: Uint8Array): { readonly source: number; readonly destination: number } | undefined => {
  const present = totalLength - HEADER_BYTES;
  if (present < 8) return undefined;
  const claimed = short(bytes, 24);
  if (claimed < 8 || claimed > present) return undefined;
  const sum = () => protocol + present + sumOf(bytes, 12, 20) + sumOf(bytes, HEADER_BYTES, totalLength);
  if (short(bytes, 26) !== 0 && folded(sum()) !== 0xffff) return undefined;
  return { source: short(bytes, 20), destination: short(bytes, 22) };
};

/** A piece of a datagram under the datagram's header. */
const fragmentOf = (whole: Uint8Array, piece: Uint8Array, offset: number, more: boolean): Uint8Array => {
  const packet = new Uint8Array(HEADER_BYTES + piece.length);
  packet.set(whole.subarray(0, HEADER_BYTES));
  packet.set(piece, HEADER_BYTES);
  setShort(packet, 2, packet.length);
  setShort(packet, 6, (more ? 0x2000 : 0) | (offset / 8));
  return packet;
};

/** The same packet, changed. */
const oneHopLess = (packet: Uint8Array): Uint8Array => {
  packet[8] = (packet[8] ?? 0) - 1;
  setShort(packet, 10, 0);
  setShort(packet, 10, ~folded(sumOf(packet, 0, HEADER_BYTES)) & 0xffff);
  return packet;
};

const short = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

const long = (bytes: Uint8Array, at: number): number => short(bytes, at) * 65_536 + short(bytes, at + 2);

const setShort = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
};

const sumOf = (bytes: Uint8Array, start: number, end: number): number => {
  let sum = 0;
  for (let at = start; at + 1 < end; at += 2) sum += short(bytes, at);
  return (end - start) % 2 === 1 ? sum + ((bytes[end - 1] ?? 0) << 8) : sum;
};

const folded = (sum: number): number => {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + (rest >>> 16);
  return rest;
};
