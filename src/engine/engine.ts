/**
 * The engine: conntrack with zones, bytes in, verdict out. The way of a packet is in way.ts.
 *
 * All memory is taken when an engine is built, and a whole packet allocates nothing; large fragments are copied through
 * views, which do. `reset` makes an engine as good as new at the cost of what was used. Time is virtual: it passes in
 * `advance` and nowhere else.
 */
import type { Network } from '../../spec/trace/network.ts';
import type { Bound, Evicted, Told } from '../../spec/trace/outcome.ts';
import type { Tuple } from '../../spec/tuple.ts';
import { expireConnections, resize } from './connections.ts';
import { create, type Creation, dump, flush, get, remove } from './control.ts';
import { receive } from './crossing.ts';
import { checkDevice } from './devices.ts';
import { checkLimits, CLOCK_MS_MAX, DEFAULT_LIMITS, type Limits, TIMEOUT_MS_MAX, within } from './limits.ts';
import { createMachine, resetMachine } from './machine.ts';
import type { Verdict } from './verdict.ts';
import { tupleOf } from './words.ts';

export class Engine {
  readonly limits: Limits;
  readonly #machine;
  /** Whether commands heed a zone that they name: to choose connections by, and beside a tuple. */
  #filters = true;
  #knowsZones = true;

  /** Takes all memory. Throws an Error if a limit is out of its bounds. */
  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    checkLimits(this.limits);
    this.#machine = createMachine(this.limits);
  }

  /**
   * Forgets everything and begins at 0 ms in this network. Throws an Error if the engine cannot play it; then it has to
   * be reset to another one before it is used.
   */
  reset(network: Network): void {
    resetMachine(this.#machine, network);
    this.#filters = network.era === undefined || network.era === 'linux-6.8';
    this.#knowsZones = network.era !== 'rfc-2010';
  }

  /** The number of a device, or undefined. */
  device(name: string): number | undefined {
    return this.#machine.devices.numbers.get(name);
  }

  /** Time passes. Throws an Error if the clock would go beyond 2^52 ms. */
  advance(milliseconds: number): void {
    const { moment } = this.#machine;
    within('milliseconds', milliseconds, 0, CLOCK_MS_MAX - moment.nowMs);
    // What became due is removed before the next packet; until then nobody can tell.
    moment.nowMs += milliseconds;
  }

  /** Ends every connection, or those of a zone. Fragments that wait go on waiting. */
  flush(zone?: number): void {
    flush(this.#table(), this.#filters ? zone : undefined);
  }

  /** Lists every connection, or those of a zone. */
  dump(zone?: number): Told {
    return dump(this.#table(), this.#filters ? zone : undefined, this.#machine.moment.nowMs);
  }

  /** Lists the connection of which a half has this tuple in this zone. */
  get(tuple: Tuple, zone: number): Told {
    return get(this.#table(), tuple, this.#knowsZones ? zone : 0, this.#machine.moment.nowMs);
  }

  /** Ends the connection of which a half has this tuple in this zone. */
  delete(tuple: Tuple, zone: number): Told {
    return remove(this.#table(), tuple, this.#knowsZones ? zone : 0);
  }

  /** Makes a connection that no packet made. Throws an Error if the table is full or the timeout out of its bounds. */
  create(creation: Creation): Told {
    within('timeoutMs', creation.timeoutMs, 0, TIMEOUT_MS_MAX);
    const { flow, moment, connections } = this.#machine;
    connections.evicted.length = 0;
    const told = create(this.#table(), this.#knowsZones ? creation : { ...creation, zone: 0 }, flow.created + 1, moment.nowMs);
    if (told.kind === 'done') flow.created++;
    return told;
  }

  /** Gives the index of connections about so many slots, 1 or more; it goes on growing when it has to. */
  resize(slots: number): void {
    within('slots', slots, 1, Number.MAX_SAFE_INTEGER);
    resize(this.#machine.connections, slots);
  }

  /** Judges a packet that arrives on a device. The bytes are not changed. The verdict is valid until the next call. */
  receive(device: number, bytes: Uint8Array): Verdict {
    checkDevice(this.#machine.devices, device);
    receive(this.#machine, device, bytes);
    return this.#machine.verdict;
  }

  /** The tuples of a connection that the last verdict says is bound. */
  bound(connection: number): Bound {
    const { connections } = this.#machine;
    return { original: tupleOf(connections, connection * 2), reply: tupleOf(connections, connection * 2 + 1) };
  }

  /** Who ended early for the sake of the last packet or creation, because the network's table was full. Valid until the next. */
  evicted(): readonly Evicted[] {
    return this.#machine.connections.evicted;
  }

  /** The table without what is due. */
  #table() {
    expireConnections(this.#machine.connections, this.#machine.moment.nowMs);
    return this.#machine.connections;
  }
}
