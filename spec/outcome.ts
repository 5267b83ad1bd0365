/**
 * The one comparison: where two accounts of the same events part.
 *
 * Equal means equal up to connection labels, which name and do not count: both accounts number them in the order in
 * which they first appear; and up to the identification under which IPv6 leaves in pieces. Lists of connections are equal
 * up to their order. Everything else is exact: states, zones, directions, and each byte of each piece that left.
 * Laws compare through this and nothing else.
 *
 * Where NAT may choose, the model's account follows what was seen (spec/nat.ts), so it is compared exactly too. Two accounts
 * of an implementation are compared until they part because it chose differently.
 */
import { match } from 'ts-pattern';
import { differingField, same } from './plain.ts';
import type { EventId } from './trace/event.ts';
import { withoutFreshId } from './trace/fresh-id.ts';
import type { Bound, Departure, Evicted, Label, Listed, Outcome, Told, Tracked } from './trace/outcome.ts';
import { carried, fragmentOf, hopsOf, type Ip, type Packet } from './trace/packet.ts';
import { chunksOf } from './wire/sctp.ts';
import { inverse, type Tuple } from './tuple.ts';

/** An outcome as the model expects it. Where the model has nothing to say, it says why, and nothing is compared. */
export type Expected = Outcome & { readonly unspecified?: string };

/** What kind of thing differs; the same bug shows the same kind however long its trace is. */
export const ASPECTS = ['passes', 'state', 'zone', 'direction', 'connection', 'translation', 'left', 'bytes', 'told', 'list', 'evicted'] as const;

export type Aspect = (typeof ASPECTS)[number];

/** `expected` and `seen` are short texts for a person. */
export type Difference = {
  readonly what: Aspect;
  readonly event: EventId;
  readonly expected: string;
  readonly seen: string;
};

/** The first event whose outcomes differ. Both lists are about the same events in the same order. */
export const firstDifference = (expected: readonly Expected[], seen: readonly Outcome[]): Difference | undefined => {
  const expectedNames = numbering();
  const seenNames = numbering();
  for (const [index, wanted] of expected.entries()) {
    if (wanted.unspecified !== undefined) continue;
    const got = seen[index] ?? { event: wanted.event, passes: [], left: [] };
    const found =
      passesDifference(wanted, got, expectedNames, seenNames) ?? leftDifference(wanted, got) ?? toldDifference(wanted.told, got.told, expectedNames, seenNames) ?? evictedDifference(wanted.evicted, got.evicted);
    if (found) return { event: wanted.event, ...found };
  }
  return undefined;
};

/** The same of two accounts that an implementation gave, as far as it chose alike. */
export const firstDifferenceOfRuns = (one: readonly Outcome[], other: readonly Outcome[]): Difference | undefined => {
  const parted = one.findIndex(({ passes }, index) => passes.some((pass, place) => choseDifferently(pass, other[index]?.passes[place])));
  return parted === -1 ? firstDifference(one, other) : firstDifference(one.slice(0, parted), other);
};

/**
 * Whether both are ends that an implementation could choose from. A port is no matter of choice as long as it can stay, so
 * if at one address it stayed here and went there, that is a difference.
 */
const choseDifferently = (one: Tracked, other: Tracked | undefined): boolean => {
  const [bound, seen] = ['bound' in one ? one.bound : undefined, other && 'bound' in other ? other.bound : undefined];
  if (!bound || !seen || same(bound.reply, seen.reply) || !same(bound.original, seen.original)) return false;
  const sameAddresses = bound.reply.source === seen.reply.source && bound.reply.destination === seen.reply.destination;
  return !sameAddresses || keptPorts(bound) === keptPorts(seen);
};

/** As much of an account as another run of the same implementation has to repeat: until it took a port of its choice. */
export const untilAChoice = (outcomes: readonly Outcome[]): readonly Outcome[] => {
  const chosen = outcomes.findIndex(({ passes }) => passes.some((pass) => 'bound' in pass && pass.bound !== undefined && !keptPorts(pass.bound)));
  return chosen === -1 ? outcomes : outcomes.slice(0, chosen);
};

const keptPorts = ({ original, reply }: Bound): boolean => {
  const now = inverse(reply);
  return now?.sourcePort === original.sourcePort && now.destinationPort === original.destinationPort;
};

/** The same account with labels numbered from 1 in order of appearance, and without fresh ids: what digests are taken of. */
export const canonical = (outcomes: readonly Outcome[]): readonly Outcome[] => {
  const names = numbering();
  return outcomes.map((outcome) => ({
    ...outcome,
    passes: outcome.passes.map((pass) => ('connection' in pass ? { ...pass, connection: names(pass.connection) } : pass)),
    left: outcome.left.map((departure) => ({ ...departure, pieces: withoutFreshId(departure.pieces) })),
    ...(outcome.told && { told: named(outcome.told, names) }),
  }));
};

const named = (told: Told, names: (label: Label) => number): Told =>
  told.kind === 'list' ? { ...told, connections: inOrder(told.connections).map((listed) => ({ ...listed, connection: names(listed.connection) })) } : told;

/** By zone, then by tuples. Labels are left out: they are what is to be compared. */
const inOrder = (connections: readonly Listed[]): readonly Listed[] =>
  connections
    .map((listed) => ({ listed, key: [String(listed.zone).padStart(5, '0'), listed.counts, tupleText(listed.original), tupleText(listed.reply)].join(' ') }))
    .toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ listed }) => listed);

type Found = { what: Aspect; expected: string; seen: string };

/** Maps labels to 1, 2, 3 ... as they come. */
const numbering = (): ((label: Label) => number) => {
  const numbers = new Map<Label, number>();
  return (label) => {
    const known = numbers.get(label);
    if (known !== undefined) return known;
    numbers.set(label, numbers.size + 1);
    return numbers.size;
  };
};

const passesDifference = (
  expected: Outcome,
  seen: Outcome,
  expectedName: (label: Label) => number,
  seenName: (label: Label) => number,
): Found | undefined => {
  if (expected.passes.length !== seen.passes.length) {
    return { what: 'passes', expected: passesText(expected.passes), seen: passesText(seen.passes) };
  }
  for (const [index, wanted] of expected.passes.entries()) {
    const got = seen.passes[index] ?? wanted;
    if (wanted.state !== got.state) return { what: 'state', expected: passText(wanted), seen: passText(got) };
    if (!('zone' in wanted) || !('zone' in got)) continue;
    if (wanted.zone !== got.zone) return { what: 'zone', expected: passText(wanted), seen: passText(got) };
    if (wanted.direction !== got.direction) return { what: 'direction', expected: passText(wanted), seen: passText(got) };
    const [wantedName, gotName] = [expectedName(wanted.connection), seenName(got.connection)];
    if (wantedName !== gotName) {
      return { what: 'connection', expected: `connection ${wantedName}`, seen: `connection ${gotName}` };
    }
    if (!same(wanted.bound, got.bound)) return { what: 'translation', expected: boundText(wanted.bound), seen: boundText(got.bound) };
  }
  return undefined;
};

const boundText = (bound: Bound | undefined): string =>
  bound ? `${tupleText(bound.original)}, reply ${tupleText(bound.reply)}` : 'not bound';

const leftDifference = (expected: Outcome, seen: Outcome): Found | undefined => {
  if (expected.left.length !== seen.left.length || Boolean(expected.skipped) !== Boolean(seen.skipped)) {
    return { what: 'left', expected: leftText(expected), seen: leftText(seen) };
  }
  for (const [index, wanted] of expected.left.entries()) {
    const got = seen.left[index] ?? wanted;
    if (wanted.device !== got.device || wanted.pieces.length !== got.pieces.length) {
      return { what: 'left', expected: leftText(expected), seen: leftText(seen) };
    }
    // Subjects that remember packets give the same ones again.
    if (wanted.pieces.every((piece, place) => piece === got.pieces[place])) continue;
    const others = withoutFreshId(got.pieces);
    for (const [place, piece] of withoutFreshId(wanted.pieces).entries()) {
      const other = others[place] ?? piece;
      if (!same(piece, other)) return bytesDifference(piece, other);
    }
  }
  return undefined;
};

const toldDifference = (
  expected: Told | undefined,
  seen: Told | undefined,
  expectedName: (label: Label) => number,
  seenName: (label: Label) => number,
): Found | undefined => {
  if (expected?.kind !== 'list' || seen?.kind !== 'list') {
    return same(expected, seen) ? undefined : { what: 'told', expected: toldText(expected), seen: toldText(seen) };
  }
  const [wanted, got] = [inOrder(expected.connections), inOrder(seen.connections)];
  for (let index = 0; index < Math.max(wanted.length, got.length); index += 1) {
    const [one, other] = [wanted[index], got[index]];
    if (!one || !other || !same({ ...one, connection: 0 }, { ...other, connection: 0 })) {
      return { what: 'list', expected: one ? listedText(one) : 'nothing more', seen: other ? listedText(other) : 'nothing more' };
    }
    const [wantedName, gotName] = [expectedName(one.connection), seenName(other.connection)];
    if (wantedName !== gotName) {
      return { what: 'connection', expected: `connection ${wantedName} listed`, seen: `connection ${gotName} listed` };
    }
  }
  return undefined;
};

const evictedDifference = (expected: Outcome['evicted'] = [], seen: Outcome['evicted'] = []): Found | undefined => {
  if (expected.length === 0 && seen.length === 0) return undefined;
  const [wanted, got] = [expected, seen].map((all) => all.map(evictedText).toSorted().join('; ') || 'nobody');
  return wanted === got ? undefined : { what: 'evicted', expected: `${wanted} ended early`, seen: `${got} ended early` };
};

/** A connection that ended early in one line. */
export const evictedText = ({ zone, counts, original }: Evicted): string => `zone ${zone}${counts ? ` in ${counts} direction` : ''}, ${tupleText(original)}`;

const toldText = (told: Told | undefined): string => {
  if (!told) return 'nothing';
  if (told.kind === 'list') return `${told.connections.length} listed`;
  return told.kind === 'refused' ? told.why : told.kind;
};

/** A listed connection in one line, but for its label. */
export const listedText = ({ zone, counts, original, reply, seenReply, assured, confirmed, seconds }: Listed): string => {
  const status = [...(seenReply ? ['seen-reply'] : []), ...(assured ? ['assured'] : []), ...(confirmed ? [] : ['unconfirmed'])];
  return [`zone ${zone}${counts ? ` in ${counts} direction` : ''}`, tupleText(original), `reply ${tupleText(reply)}`, ...status, `${seconds} s`].join(', ');
};

/** A tuple in a few words. */
export const tupleText = ({ source, destination, protocol, sourcePort, destinationPort }: Tuple): string =>
  `protocol ${protocol} ${source}:${sourcePort} > ${destination}:${destinationPort}`;

/** The packets in a line each, with the field that differs, which a line may not show. */
const bytesDifference = (wanted: Packet, given: Packet): Found => {
  const field = differingField(wanted, given);
  const [place, expected, seen] = field ? [field.place.slice(1), field.wanted, field.given] : ['nothing more', 'none', 'some'];
  return { what: 'bytes', expected: `${place} ${expected} in ${packetText(wanted)}`, seen: `${place} ${seen} in ${packetText(given)}` };
};

const passText = (pass: Tracked): string =>
  'zone' in pass ? `${pass.state}, ${pass.direction}, zone ${pass.zone}` : pass.state;

const passesText = (passes: readonly Tracked[]): string => passes.map(passText).join('; ') || 'not tracked';

const leftText = (outcome: Outcome): string => {
  if (outcome.skipped) return 'skipped';
  return outcome.left.map(departureText).join('; ') || 'nothing left';
};

const departureText = (departure: Departure): string =>
  `left by ${departure.device}${departure.pieces.length === 1 ? '' : ` in ${departure.pieces.length} pieces`}`;

/** A packet in one line, its bytes cut short. */
export const packetText = (packet: Packet): string => {
  if (packet.kind === 'raw') return `raw (${packet.why}) ${cut(packet.bytes)}`;
  const ends =
    'sourcePort' in packet.payload
      ? `${packet.source}:${packet.payload.sourcePort} > ${packet.destination}:${packet.payload.destinationPort}`
      : `${packet.source} > ${packet.destination}`;
  const bytes = carried(packet.payload);
  const part = fragmentOf(packet);
  const fragment = part ? ` fragment id ${part.id} at ${part.offset}${part.mf ? '+' : ''}` : '';
  return `${ends} ${headline(packet)}${fragment} ttl ${hopsOf(packet)} ${bytes.length / 2} B ${cut(bytes)}`;
};

/** The protocol, and what of its header one has to know. */
const headline = ({ payload, protocol }: Ip): string =>
  match(payload)
    .with({ kind: 'udp' }, { kind: 'udp-lite' }, ({ kind }) => kind)
    .with({ kind: 'sctp' }, ({ tag, payload: chunks }) => `sctp ${chunksOf(chunks).map(({ type }) => type).join('+') || 'no chunk'} tag ${tag}`)
    .with({ kind: 'tcp' }, (tcp) => `tcp ${tcp.flags || 'no flags'} seq ${tcp.sequence} ack ${tcp.acknowledgement}`)
    .with({ kind: 'icmp' }, (icmp) => `icmp ${icmp.type}/${icmp.code} id ${icmp.identifier}`)
    .with({ kind: 'opaque' }, () => `protocol ${protocol}`)
    .exhaustive();

const cut = (bytes: string): string => (bytes.length > 32 ? `${bytes.slice(0, 32)}..` : bytes);
