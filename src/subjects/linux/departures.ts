/**
 * Departures: the packets that wait at the ports, put together as datagrams in pieces.
 */
import type { DeviceName } from '../../../spec/trace/network.ts';
import type { Departure } from '../../../spec/trace/outcome.ts';
import type { Packet } from '../../../spec/trace/packet.ts';
import { decode } from '../../packet/index.ts';
import type { Namespace } from './namespace.ts';

export type Departures = {
  /** What waits at one port, by its index. */
  readonly at: (index: number) => Departure[];
  /** What waits at any port. */
  readonly anywhere: () => Departure[];
};

/** Each call takes what has left since the last one. `devices` names the ports. */
export const departuresFrom = ({ ports, eachReady }: Pick<Namespace, 'ports' | 'eachReady'>, devices: readonly DeviceName[]): Departures => {
  const at = (index: number): Departure[] => {
    const departures: Departure[] = [];
    const [port, device] = [ports[index], devices[index] ?? ''];
    let pieces: Packet[] = [];
    for (let bytes = port?.receive(); bytes; bytes = port?.receive()) {
      const piece = decode(bytes);
      if (!continues(pieces.at(-1), piece)) {
        pieces = [];
        departures.push({ device, pieces });
      }
      pieces.push(piece);
    }
    return departures;
  };
  return {
    at,
    anywhere: () => {
      const departures: Departure[] = [];
      eachReady((index) => departures.push(...at(index)));
      return departures;
    },
  };
};

/** Whether a piece belongs to the datagram whose piece came out just before. */
const continues = (before: Packet | undefined, piece: Packet): boolean =>
  before?.kind === 'ipv4' &&
  piece.kind === 'ipv4' &&
  before.mf &&
  piece.offset > 0 &&
  before.id === piece.id &&
  before.protocol === piece.protocol &&
  before.source === piece.source &&
  before.destination === piece.destination;
