/**
 * The trackers behind one shape, so that one loop drives them all: bytes in, and on request what was said of them.
 */
import { initial, step } from '../../spec/index.ts';
import type { Network } from '../../spec/trace/network.ts';
import { Engine, pieceOf } from '../engine/index.ts';
import { decode, encode } from '../packet/index.ts';
import { type MapVerdict, MapTracker } from './map-tracker.ts';

export type Tracker = {
  readonly receive: (device: number, bytes: Uint8Array) => void;
  readonly advance: (milliseconds: number) => void;
  /** What the last packet's pass came to, as text that is equal wherever trackers agree. */
  readonly said: () => string;
};

/** How a tracker is made for a network and for as many connections. */
export type Maker = (network: Network, connections: number) => Tracker;

/** Room for the fragments that the bench sends; it is the same for any number of connections. */
const FRAGMENTS = { queuesMax: 64, fragmentBytesMax: 2 ** 21 };

export const engineTracker: Maker = (network, connections) => {
  const engine = new Engine({ ...FRAGMENTS, connectionsMax: connections, devicesMax: Math.max(2, network.devices.length) });
  engine.reset(network);
  let verdict = engine.receive(0, new Uint8Array());
  return {
    receive: (device, bytes) => {
      verdict = engine.receive(device, bytes);
    },
    advance: (milliseconds) => engine.advance(milliseconds),
    said: () => {
      const { state, zone, direction, connection, exit, outgoing } = verdict;
      return sentence(state, zone, direction, connection, exit, Array.from({ length: outgoing.pieces }, (_, piece) => pieceOf(verdict, piece)));
    },
  };
};

export const mapTracker: Maker = (network) => {
  const tracker = new MapTracker(network);
  let verdict: MapVerdict = { state: 'unseen', left: [] };
  return {
    receive: (device, bytes) => {
      verdict = tracker.receive(device, bytes);
    },
    advance: (milliseconds) => tracker.advance(milliseconds),
    said: () => sentence(verdict.state, verdict.zone, verdict.direction, verdict.connection, verdict.exit, verdict.left),
  };
};

/** The model takes packets and not bytes, so what is measured includes the codec: some per cent of it. */
export const modelTracker: Maker = (network) => {
  const numbers = new Map(network.devices.map(({ name }, number) => [name, number]));
  let { state, outcome } = step(initial(network), { kind: 'advance', id: 0, milliseconds: 0 });
  return {
    receive: (device, bytes) => {
      ({ state, outcome } = step(state, { kind: 'receive', id: 0, device: network.devices[device]?.name ?? '', packet: decode(bytes) }));
    },
    advance: (milliseconds) => {
      ({ state } = step(state, { kind: 'advance', id: 0, milliseconds }));
    },
    said: () => {
      const [pass] = outcome.passes;
      const [departure] = outcome.left;
      const exit = departure && numbers.get(departure.device);
      const pieces = departure?.pieces.map(encode) ?? [];
      if (pass?.state !== 'new' && pass?.state !== 'established') return sentence(pass?.state ?? 'unseen', 0, undefined, 0, exit, pieces);
      return sentence(pass.state, pass.zone, pass.direction, pass.connection, exit, pieces);
    },
  };
};

const sentence = (
  state: string,
  zone: number | undefined,
  direction: string | undefined,
  connection: number | undefined,
  exit: number | undefined,
  left: readonly Uint8Array[],
): string => {
  const tracked = state === 'new' || state === 'established' ? `${state} ${direction} zone ${zone} connection ${connection}` : state;
  return left.length === 0 ? tracked : `${tracked} by ${exit}: ${left.map(textOf).join()}`;
};

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
