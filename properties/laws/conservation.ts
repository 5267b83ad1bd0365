/** Conservation: bytes come from somewhere. What leaves for a tenant came in from that tenant, no more often than that. */
import { type Bytes, carried, extensionLength, fragmentOf, type Ip, isFragment, lengthOf, type Packet } from '../../spec/trace/packet.ts';
import type { Event, EventId } from '../../spec/trace/event.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { resolved } from '../../spec/trace/reaction.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { readChain } from '../../spec/wire/extensions.ts';
import { payloadStart, writeTransport } from '../../spec/wire/transport.ts';
import { type Colour, colourOf, wordsIn } from '../colours.ts';
import { type Check, held, type Law, premiseNotMet, type Verdict, violated } from '../law.ts';
import { run } from '../run.ts';
import {
  all,
  assignedBeforeDefragmentation,
  eachTenantHasItsOwnZone,
  memoised,
  noPathJoinsTenants,
  outcomeOf,
  outcomesByEvent,
  tenantOf,
  tenantOfDevice,
} from '../tenants.ts';
import { assignedAfterDefragmentation, tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const admitted = subject.capabilities.profile.datapath === 'linux' ? admittedByIp : arrived;
  if (!isColoured(admitted, trace)) return premiseNotMet;
  const outcomes = await run(subject, trace);
  const known = outcomesByEvent(outcomes);
  const stocks = new Map<number | undefined, Map<number, number>>();
  for (const event of trace.events) {
    const tenant = tenantOf(trace, event.id);
    const stock = stocks.get(tenant) ?? new Map<number, number>();
    stocks.set(tenant, stock);
    // What an error quotes left before, and comes in with it.
    const packet = admitted(resolved(event, known));
    const outcome = outcomeOf(outcomes, event.id);
    const stray = strayDevice(trace, outcome, tenant);
    if (stray) return stray;
    if (packet && passedOn(packet, outcome)) continue;
    const strange = exchange(stock, packet, outcome, tenant);
    if (strange) return strange;
  }
  return held;
};

/** Some block has a colour, and each tenant sends nothing in another one's. */
const isColoured = (admitted: Admission, trace: Trace): boolean => colouredBy(admitted)(trace);

const colouredBy = memoised((admitted: Admission) => memoised((trace: Trace): boolean => {
  let some = false;
  for (const event of trace.events) {
    const packet = admitted(event);
    const tenant = tenantOf(trace, event.id);
    for (const word of packet ? wordsOf(packet) : []) {
      if (word === undefined) continue;
      if (colourOf(word).tenant !== tenant) return false;
      some = true;
    }
  }
  return some;
}));

/** What of an event may leave, if it is a packet. */
type Admission = (event: Event | undefined) => Packet | undefined;

/** A switch looks at no header before it sends on what came. */
const arrived: Admission = (event) => (event?.kind === 'receive' ? event.packet : undefined);

/** The packet of an event whose IP header is fit to be admitted. */
const admittedByIp = (event: Event | undefined): Ip | undefined => {
  if (event?.kind !== 'receive' || event.packet.kind === 'raw' || event.packet.length !== 'right') return undefined;
  return event.packet.kind === 'ipv6' || event.packet.checksum === 'right' ? event.packet : undefined;
};

/** The blocks after the header of the transport; what came in fragments is read as they are, even if it leaves whole. */
const wordsOf = (packet: Packet, cameInFragments = packet.kind === 'ipv4' && isFragment(packet)): readonly (number | undefined)[] => {
  if (packet.kind === 'raw') return wordsIn(packet.bytes);
  if (packet.payload.kind !== 'opaque' && !cameInFragments) return wordsIn(packet.payload.payload);
  const bytes = writeTransport(packet);
  // Fragments are read in steps that do not depend on where they were cut: some leave in other pieces than they came in.
  return wordsIn(bytes, (fragmentOf(packet)?.offset ?? 0) === 0 ? Math.ceil(headersIn(packet, bytes) / 8) * 8 : 0);
};

/** How many bytes of headers a first fragment holds: extension headers may stand before the transport's. */
const headersIn = ({ kind, protocol }: Ip, bytes: Bytes): number => {
  if (kind === 'ipv4') return payloadStart(protocol, bytes);
  const behind = readChain(protocol, bytes);
  return lengthOf(bytes) - lengthOf(behind.bytes) + payloadStart(behind.protocol, behind.bytes);
};

/** Behind an authentication header of 12 bytes, 20 ... nobody can tell where the blocks of fragments stood. */
const isShifted = (first: Packet | undefined): boolean => {
  if (first?.kind !== 'ipv6') return false;
  const behind = first.payload.kind === 'opaque' ? readChain(first.protocol, first.payload.bytes).extensions : [];
  return [...first.extensions, ...behind].some((header) => extensionLength(header) % 8 !== 0);
};

/** The shortcut for most packets: one came in, and the same payload left at once, so the stock is what it was. */
const passedOn = (arrived: Packet, { left }: Outcome): boolean => {
  if (arrived.kind === 'raw') return false;
  const piece = left[0]?.pieces[0];
  if (isFragment(arrived) || left.length !== 1 || left[0]?.pieces.length !== 1 || !piece || piece.kind === 'raw') return false;
  return arrived.payload.kind !== 'opaque' && piece.payload.kind === arrived.payload.kind && arrived.payload.payload === carried(piece.payload);
};

/** What came in is added to a tenant's stock, by colour; what left is taken out of it. */
const exchange = (stock: Map<number, number>, arrived: Packet | undefined, { event, left }: Outcome, tenant: number | undefined) => {
  for (const word of arrived ? wordsOf(arrived) : []) if (word !== undefined) stock.set(word, (stock.get(word) ?? 0) + 1);
  const cameInFragments = arrived && arrived.kind !== 'raw' ? isFragment(arrived) : undefined;
  const readable = left.filter(({ pieces: [first] }) => !cameInFragments || !isShifted(first));
  for (const word of readable.flatMap(({ pieces }) => pieces.flatMap((piece) => wordsOf(piece, cameInFragments)))) {
    if (word === undefined) continue;
    const count = stock.get(word);
    if (!count) return breach(event, tenant, expectation(tenant, count), colourText(colourOf(word)));
    stock.set(word, count - 1);
  }
  return undefined;
};

const strayDevice = (trace: Trace, { event, left }: Outcome, tenant: number | undefined): Verdict | undefined => {
  const stray = left.find((departure) => tenantOfDevice(trace.network, departure.device) !== tenant);
  return stray && breach(event, tenant, `left by a device of tenant ${tenant}`, `left by ${stray.device}`);
};

const expectation = (tenant: number | undefined, count: number | undefined): string =>
  count === 0 ? 'no more often than it came in' : `bytes that came in from tenant ${tenant}`;

const colourText = ({ tenant, packet, position }: Colour): string => `tenant ${tenant}, packet ${packet}, block ${position}`;

const breach = (event: EventId, tenant: number | undefined, expected: string, seen: string): Verdict =>
  violated({ what: 'colour', event, ...(tenant === undefined ? {} : { tenant }), expected, seen });

export const conservation: Law = {
  id: 'conservation',
  sentence: "Every byte that leaves has the colour of a packet admitted from the same tenant, no more often than it came in, on a device of that tenant's path.",
  needs: [],
  boundary: all(eachTenantHasItsOwnZone, noPathJoinsTenants, assignedBeforeDefragmentation),
  check,
  canaries: [tenantsShareAZone(check), assignedAfterDefragmentation(check)],
};
