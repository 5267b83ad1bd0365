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
import { boundBy } from './translation.ts';

/** A datagram, with the numbers of its pieces. */
type Group = { readonly verdict: Verdict; readonly pieces: { readonly packet: Packet; readonly number: number }[] };

/** `devices` names the exits by their indexes; `came` has what came by its number, where connections are translated. */
export const outcomeOf = (event: number, leaving: readonly Verdict[], devices: readonly DeviceName[], came: ReadonlyMap<number, Packet>): Outcome => {
  const [only] = leaving;
  const datagrams = leaving.length === 1 && only ? [{ verdict: only, pieces: [{ packet: decode(only.packet), number: only.number }] }] : groupsOf(leaving);
  return {
    event,
    passes: datagrams.map((group) => trackedBy(group, came)),
    left: datagrams.map(({ verdict, pieces }) => ({ device: devices[verdict.exit] ?? '', pieces: pieces.map(({ packet }) => packet) })),
  };
};

const groupsOf = (leaving: readonly Verdict[]): readonly Group[] => {
  const groups = new Map<string, Group>();
  for (const verdict of leaving.toSorted((a, b) => a.number - b.number)) {
    const packet = decode(verdict.packet);
    const name = nameOf(verdict, packet);
    const group = groups.get(name) ?? { verdict, pieces: [] };
    group.pieces.push({ packet, number: verdict.number });
    groups.set(name, group);
  }
  return [...groups.values()].map(({ verdict, pieces }) => ({ verdict, pieces: pieces.toSorted((a, b) => offsetOf(a.packet) - offsetOf(b.packet)) }));
};

/** Pieces of one datagram have one name; whatever is whole is one by itself. */
const nameOf = ({ state, zone, mark, exit, number }: Verdict, packet: Packet): string => {
  const fragment = packet.kind === 'raw' ? undefined : fragmentOf(packet);
  if (!fragment || packet.kind === 'raw') return `number ${number}`;
  return [packet.source, packet.destination, fragment.id, packet.kind === 'ipv4' ? packet.protocol : '', state, zone, mark, exit].join(' ');
};

const offsetOf = (packet: Packet): number => (packet.kind === 'raw' ? 0 : (fragmentOf(packet)?.offset ?? 0));

/**
 * What tracking said. A packet that makes a connection is new, and so is each until one was answered. One that could make
 * none, because there was nothing left to translate it to, is new all the same, and without a mark: a connection of its own.
 */
const trackedBy = ({ verdict: { state, zone, mark, number }, pieces }: Group, came: ReadonlyMap<number, Packet>): Tracked => {
  if (state & CT.invalid) return { state: 'invalid' };
  const known = state & CT.related ? 'related' : state & CT.established ? 'established' : state & CT.new ? 'new' : undefined;
  if (known === undefined || !(state & CT.tracked)) return { state: 'untracked' };
  const [first] = pieces;
  const original = first && known === 'new' && pieces.some((piece) => piece.number === mark) ? came.get(first.number) : undefined;
  const bound = original && first && boundBy(original, first.packet);
  return { state: known, zone, direction: state & CT.reply ? 'reply' : 'original', connection: mark === 0 ? number : mark, ...(bound && { bound }) };
};
