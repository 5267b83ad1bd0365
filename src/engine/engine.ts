/**
 * The engine: conntrack with zones, bytes in, verdict out. The path of a packet, top to bottom, is `receive`.
 *
 * All memory is taken when an engine is built, and a whole packet allocates nothing; large fragments are copied through
 * views, which do. `reset` makes an engine as good as new at the cost of what was used. Time is virtual: it passes in
 * `advance` and nowhere else.
 */
import type { Network, Timeouts } from '../../spec/trace/network.ts';
import { assert } from './assert.ts';
import { clearConnections, confirm, createConnections, expireConnections, findHalf, refresh, type Key } from './connections.ts';
import { checkDevice, createDevices, exitOfDevice, fragmentZoneOfDevice, setDevices, zoneOfDatagram } from './devices.ts';
import { forwardPieces, forwardWhole, isMartian, optionsFit } from './forward.ts';
import { clearFragments, createFragments, expireFragments, gather } from './fragments.ts';
import { admit, createHeader } from './header.ts';
import { checkLimits, CLOCK_MS_MAX, DEFAULT_LIMITS, TIMEOUT_MS_MAX, within, type Limits } from './limits.ts';
import { float, word } from './memory.ts';
import { NONE } from './pool.ts';
import { isStream, isValidUdp, portsOf, UDP } from './udp.ts';
import { createVerdict, type Fate, type Verdict } from './verdict.ts';

export class Engine {
  readonly limits: Limits;
  readonly #connections;
  readonly #fragments;
  readonly #devices;
  readonly #header = createHeader();
  readonly #key: Key = { source: 0, destination: 0, ports: 0, protocol: 0, zone: 0 };
  readonly #verdict = createVerdict();
  #timeouts: Timeouts = { udpMs: 0, udpStreamMs: 0, fragmentMs: 0 };
  #nowMs = 0;
  /** Connections created since the last reset. */
  #created = 0;
  /** The packet at hand created its connection. */
  #unconfirmed = false;

  /** Takes all memory. Throws an Error if a limit is out of its bounds. */
  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    checkLimits(this.limits);
    this.#connections = createConnections(this.limits.connectionsMax, this.limits.hashSeed);
    this.#fragments = createFragments(this.limits);
    this.#devices = createDevices(this.limits.devicesMax);
  }

  /**
   * Forgets everything and begins at 0 ms in this network. Throws an Error if the engine cannot play it; then it has to
   * be reset to another one before it is used.
   */
  reset(network: Network): void {
    const { timeouts, fragments } = network;
    clearConnections(this.#connections);
    clearFragments(this.#fragments);
    this.#nowMs = 0;
    this.#created = 0;
    within('timeouts.udpMs', timeouts.udpMs, 0, TIMEOUT_MS_MAX);
    within('timeouts.udpStreamMs', timeouts.udpStreamMs, 0, TIMEOUT_MS_MAX);
    within('timeouts.fragmentMs', timeouts.fragmentMs, 0, TIMEOUT_MS_MAX);
    within('fragments.distance', fragments.distance, 0, Number.MAX_SAFE_INTEGER);
    within('fragments.memoryBytes', fragments.memoryBytes, 0, Number.MAX_SAFE_INTEGER);
    setDevices(this.#devices, network);
    this.#timeouts = timeouts;
    const { settings } = this.#fragments;
    settings.timeoutMs = timeouts.fragmentMs;
    settings.distance = fragments.distance;
    settings.memoryBytes = fragments.memoryBytes;
  }

  /** The number of a device, or undefined. */
  device(name: string): number | undefined {
    return this.#devices.numbers.get(name);
  }

  /** Time passes. Throws an Error if the clock would go beyond 2^52 ms. */
  advance(milliseconds: number): void {
    within('milliseconds', milliseconds, 0, CLOCK_MS_MAX - this.#nowMs);
    // What became due is removed before the next packet; until then nobody can tell.
    this.#nowMs += milliseconds;
  }

  /** Judges a packet that arrives on a device. The bytes are not changed. The verdict is valid until the next call. */
  receive(device: number, bytes: Uint8Array): Verdict {
    checkDevice(this.#devices, device);
    const verdict = this.#verdict;
    verdict.state = 'unseen';
    verdict.outgoing.pieces = 0;
    this.#unconfirmed = false;
    verdict.fate = this.#pass(device, bytes);
    assert((verdict.fate === 'left') === (verdict.outgoing.pieces > 0), 'what left is there, and nothing else is');
    return verdict;
  }

  #pass(device: number, bytes: Uint8Array): Fate {
    const header = this.#header;
    expireConnections(this.#connections, this.#nowMs);
    expireFragments(this.#fragments, this.#nowMs);
    if (!admit(bytes, header)) return 'refused';
    if (!header.mf && header.offset === 0) return this.#track(device, device, bytes, false);
    const zone = fragmentZoneOfDevice(this.#devices, device);
    const gathered = gather(this.#fragments, bytes, header, zone, device, this.#nowMs);
    if (gathered !== 'complete') return gathered;
    const { firstDevice, device: lastDevice, bytes: datagram } = this.#fragments.datagram;
    return this.#track(firstDevice, lastDevice, datagram, true);
  }

  /** From here on packets are whole. A datagram that was put together goes on from where its last fragment arrived. */
  #track(first: number, device: number, bytes: Uint8Array, reassembled: boolean): Fate {
    const verdict = this.#verdict;
    const header = this.#header;
    if (header.protocol !== UDP) {
      verdict.state = 'untracked';
    } else if (!isValidUdp(bytes, header)) {
      verdict.state = 'invalid';
    } else {
      const key = this.#key;
      key.source = header.source;
      key.destination = header.destination;
      key.ports = portsOf(bytes, header);
      key.protocol = header.protocol;
      key.zone = zoneOfDatagram(this.#devices, first, device);
      const half = findHalf(this.#connections, key);
      verdict.zone = key.zone;
      if (half !== NONE) this.#follow(half >> 1, half & 1);
      else this.#begin();
    }
    return this.#forward(device, bytes, reassembled);
  }

  /** A packet of a connection that is known. */
  #follow(connection: number, half: number): void {
    const verdict = this.#verdict;
    const table = this.#connections;
    const seenReply = word(table.seenReply, connection) === 1;
    const stream = isStream(seenReply, float(table.createdMs, connection), this.#nowMs);
    refresh(table, connection, this.#nowMs, stream ? this.#timeouts.udpStreamMs : this.#timeouts.udpMs);
    // After the timeout was chosen: the first reply is still handled as if there had been none.
    if (half === 1) table.seenReply[connection] = 1;
    verdict.state = half === 1 || seenReply ? 'established' : 'new';
    verdict.direction = half === 1 ? 'reply' : 'original';
    verdict.connection = float(table.label, connection);
  }

  /** A packet of no connection: it names one, which is confirmed when the packet leaves. */
  #begin(): void {
    const verdict = this.#verdict;
    verdict.state = 'new';
    verdict.direction = 'original';
    verdict.connection = ++this.#created;
    this.#unconfirmed = true;
  }

  #forward(device: number, bytes: Uint8Array, reassembled: boolean): Fate {
    const verdict = this.#verdict;
    const header = this.#header;
    if (isMartian(header)) return 'martian';
    if (!optionsFit(bytes, header)) return 'options';
    if (header.ttl <= 1) return 'ttl';
    if (this.#unconfirmed && !this.#confirm(verdict.connection)) return 'table-full';
    verdict.exit = exitOfDevice(this.#devices, device);
    if (reassembled) forwardPieces(verdict.outgoing, this.#fragments.datagram, header);
    else forwardWhole(verdict.outgoing, bytes, header);
    return 'left';
  }

  /** False if the table is full. */
  #confirm(label: number): boolean {
    return confirm(this.#connections, this.#key, label, this.#nowMs, this.#timeouts.udpMs) !== NONE;
  }
}
