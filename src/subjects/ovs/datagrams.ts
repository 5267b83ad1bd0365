/**
 * Datagrams: frames that left at one event, put together as what was tracked and what left.
 *
 * Pieces of a datagram leave one by one and in no order that means anything, each with the verdict on the whole.
 */
import type { DeviceName } from '../../../spec/trace/network.ts';
import type { Outcome, Tracked } from '../../../spec/trace/outcome.ts';
import { fragmentOf, type Packet } from '../../../spec/trace/packet.ts';
import { decode } from '../../packet/index.ts';
import { CT, type Verdict } from './frames.ts';

/** `devices` names the exits by their indexes. */
export const outcomeOf = (event: number, leaving: readonly Verdict[], devices: readonly DeviceName[]): Outcome => {
  const [only] = leaving;
  if (leaving.length === 1 && only) return { event, passes: [trackedBy(only)], left: [{ device: devices[only.exit] ?? '', pieces: [decode(only.packet)] }] };
  const groups = new Map<string, { readonly verdict: Verdict; readonly pieces: Packet[] }>();
  for (const verdict of leaving.toSorted((a, b) => a.number - b.number)) {
    const packet = decode(verdict.packet);
    const name = nameOf(verdict, packet);
    const group = groups.get(name) ?? { verdict, pieces: [] };
    group.pieces.push(packet);
    groups.set(name, group);
  }
  const datagrams = [...groups.values()];
  return {
    event,
    passes: datagrams.map(({ verdict }) => trackedBy(verdict)),
    left: datagrams.map(({ verdict, pieces }) => ({ device: devices[verdict.exit] ?? '', pieces: pieces.toSorted((a, b) => offsetOf(a) - offsetOf(b)) })),
  };
};

/** Pieces of one datagram have one name; whatever is whole is one by itself. */
const nameOf = ({ state, zone, mark, exit, number }: Verdict, packet: Packet): string => {
  const fragment = packet.kind === 'raw' ? undefined : fragmentOf(packet);
  if (!fragment || packet.kind === 'raw') return `number ${number}`;
  return [packet.source, packet.destination, fragment.id, packet.kind === 'ipv4' ? packet.protocol : '', state, zone, mark, exit].join(' ');
};

const offsetOf = (packet: Packet): number => (packet.kind === 'raw' ? 0 : (fragmentOf(packet)?.offset ?? 0));

/** What tracking said. A packet that makes a connection is new, and so is each until one was answered. */
const trackedBy = ({ state, zone, mark }: Verdict): Tracked => {
  if (state & CT.invalid) return { state: 'invalid' };
  const known = state & CT.related ? 'related' : state & CT.established ? 'established' : state & CT.new ? 'new' : undefined;
  if (known === undefined || !(state & CT.tracked)) return { state: 'untracked' };
  return { state: known, zone, direction: state & CT.reply ? 'reply' : 'original', connection: mark };
};
