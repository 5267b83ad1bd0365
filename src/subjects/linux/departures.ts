/**
 * Departures: the packets that wait at the ports, put together as datagrams in pieces.
 */
import type { DeviceName } from '../../../spec/trace/network.ts';
import type { Departure } from '../../../spec/trace/outcome.ts';
import type { Fragment, Ip, Packet } from '../../../spec/trace/packet.ts';
import { transportLength } from '../../../spec/wire/transport.ts';
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

/** The fields by which a piece finds its datagram, also of a last one at offset 0, behind an empty one. */
const fieldsOf = (packet: Ip): Fragment | undefined =>
  packet.kind === 'ipv4' ? packet : packet.extensions.find((header) => header.kind === 'fragment');

/** Whether a piece belongs to the datagram whose piece came out just before. */
const continues = (before: Packet | undefined, piece: Packet): boolean => {
  if (before === undefined || before.kind === 'raw' || piece.kind !== before.kind) return false;
  const [first, next] = [fieldsOf(before), fieldsOf(piece)];
  return (
    first !== undefined &&
    first.mf &&
    next?.id === first.id &&
    next.offset === first.offset + transportLength(before.payload) &&
    before.source === piece.source &&
    before.destination === piece.destination
  );
};
