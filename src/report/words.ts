/**
 * Short words for what happened: packets, events and outcomes, each in a line.
 */
import { coloursIn } from '../../properties/colours.ts';
import { match, P } from 'ts-pattern';
import { icmpTypes } from '../../spec/icmp-types.ts';
import { type Quote, readQuote } from '../../spec/quote.ts';
import type { Control, Event } from '../../spec/trace/event.ts';
import type { Network, Pass, Time, ZoneRule } from '../../spec/trace/network.ts';
import type { Departure, Outcome, Told, Tracked } from '../../spec/trace/outcome.ts';
import { carried, fragmentOf, hopsOf, isFragment, lengthOf, serviceOf } from '../../spec/trace/packet.ts';
import type { Ip, Ipv4, Ipv6, Packet } from '../../spec/trace/packet.ts';
import { chunksOf } from '../../spec/wire/sctp.ts';
import { type Icmp, UDP } from '../../spec/trace/transport.ts';
import { payloadStart } from '../../spec/wire/transport.ts';
import { evictedText, type Expected, listedText } from '../../spec/outcome.ts';
import { isInverse, type Tuple } from '../../spec/tuple.ts';
import type { Zone } from '../../spec/zone.ts';

/** `10.0.0.1:5 > 10.0.0.2:7 24 B`, or for a fragment `10.0.0.1 > 10.0.0.2 id 7 bytes 0-15+`. */
const packetWords = (packet: Packet): string => {
  if (packet.kind === 'raw') return `${lengthOf(packet.bytes)} bytes, no IP (${packet.why})`;
  const odd = oddities(packet);
  return `${endsOf(packet)}${odd.length === 0 ? '' : `, ${odd.join(', ')}`}`;
};

const endsOf = (packet: Ip): string => {
  const { source, destination, payload, protocol } = packet;
  const length = lengthOf(carried(payload));
  if ('sourcePort' in payload) {
    const said = payload.kind === 'tcp' ? ` ${payload.flags || 'no flags'} seq ${payload.sequence} ack ${payload.acknowledgement} win ${payload.window}` : payload.kind === 'udp' ? '' : ` ${payload.kind}`;
    return `${source}:${payload.sourcePort} > ${destination}:${payload.destinationPort}${said} ${length} B`;
  }
  if (payload.kind === 'icmp') return `${source} > ${destination} ${icmpWords(packet, payload)} ${length} B`;
  const fragment = fragmentOf(packet);
  if (!fragment) return `${source} > ${destination} protocol ${protocol} ${length} B`;
  const { id, offset, mf } = fragment;
  return `${source} > ${destination} id ${id} bytes ${offset}-${offset + length - 1}${mf ? '+' : ''}`;
};

/** A query has an identifier, an error has something that it quotes. */
const icmpWords = (packet: Ip, { type, code, identifier, payload }: Icmp): string => {
  const isError = icmpTypes.get(packet.protocol)?.errors.has(type);
  return `icmp ${type}/${code} ${isError ? quoteWords(readQuote(packet, payload)) : `id ${identifier}`}`;
};

const quoteWords = ({ rule, tuple }: Quote): string => {
  if (!tuple) return rule === 'quote.short' ? 'quoting too little' : 'quoting a later fragment';
  const { source, destination, protocol, sourcePort, destinationPort } = tuple;
  if (!icmpTypes.has(protocol)) return `about ${source}:${sourcePort} > ${destination}:${destinationPort}`;
  return `about ${source} > ${destination} icmp ${destinationPort >>> 8}/${destinationPort & 0xff} id ${sourcePort}`;
};

/** What makes a packet unlike others. */
const oddities = (packet: Ip): readonly string[] => {
  const { payload, trailer } = packet;
  const udp = payload.kind === 'udp' ? payload : undefined;
  const lite = payload.kind === 'udp-lite' ? payload : undefined;
  return [
    ...(serviceOf(packet) === 0 ? [] : [`tos ${serviceOf(packet)}`]),
    ...(packet.kind === 'ipv4' ? oddities4(packet) : oddities6(packet)),
    ...(trailer === '' ? [] : [`trailer ${lengthOf(trailer)} B`]),
    ...(packet.length === 'right' ? [] : [`length ${packet.length.claimed}`]),
    ...(payload.kind === 'icmp' && typeof payload.checksum === 'object' ? ['icmp checksum wrong'] : []),
    ...(udp && udp.length !== 'right' ? [`udp length ${udp.length.claimed}`] : []),
    ...(udp && typeof udp.checksum === 'object' ? ['udp checksum wrong'] : []),
    ...(lite && lite.coverage !== 0 ? [`coverage ${lite.coverage}`] : []),
    ...(lite && typeof lite.checksum === 'object' ? ['udp-lite checksum wrong'] : []),
    ...(payload.kind === 'sctp' ? [`tag ${payload.tag}, chunks ${chunksOf(payload.payload).map(({ type }) => type).join(' ') || 'none'}`] : []),
    ...(payload.kind === 'sctp' && payload.checksum !== 'right' ? ['sctp checksum wrong'] : []),
    ...(lite?.checksum === 'as Linux' ? ['checksum as Linux verifies it'] : []),
    ...(udp?.checksum === 'none' || lite?.checksum === 'none' ? ['no checksum'] : []),
    ...(payload.kind === 'tcp' && payload.options !== '' ? [`tcp options ${payload.options}`] : []),
    ...(payload.kind === 'tcp' && typeof payload.checksum === 'object' ? ['tcp checksum wrong'] : []),
  ];
};

const oddities4 = (packet: Ipv4): readonly string[] => [
  ...(packet.df && isFragment(packet) ? ['df'] : []),
  ...(packet.options === '' ? [] : [`options ${packet.options}`]),
  ...(packet.checksum === 'negative zero' ? ['header checksum ffff for 0'] : []),
  ...(typeof packet.checksum === 'object' ? ['header checksum wrong'] : []),
];

/** Extension headers, but for the one that makes it a fragment, which is said already. */
const oddities6 = ({ extensions, flowLabel }: Ipv6): readonly string[] => [
  ...(flowLabel === 0 ? [] : [`flow label ${flowLabel}`]),
  ...extensions.flatMap((header) => {
    if (header.kind !== 'fragment') return `${header.kind} ${lengthOf(header.data) + 2} B`;
    return header.mf || header.offset > 0 ? [] : `atomic fragment id ${header.id}`;
  }),
];

/** Whose bytes these are, as far as their colours tell: `tenant 1 packet 3 blocks 0-2`. */
export const colourWords = (packet: Packet): string | undefined => {
  if (packet.kind === 'raw') return undefined;
  const { payload, protocol } = packet;
  const header = payload.kind === 'opaque' && payload.why === 'fragment' && fragmentOf(packet)?.offset === 0 ? payloadStart(protocol, payload.bytes) : 0;
  const parts: { name: string; from: number; to: number }[] = [];
  for (const colour of coloursIn(carried(payload), header)) {
    if (!colour) continue;
    const name = `tenant ${colour.tenant} packet ${colour.packet}`;
    const last = parts.at(-1);
    if (last?.name === name && last.to + 1 === colour.position) last.to = colour.position;
    else parts.push({ name, from: colour.position, to: colour.position });
  }
  if (parts.length === 0) return undefined;
  const shown = parts.slice(0, 4).map(({ name, from, to }) => `${name} block${from === to ? ` ${from}` : `s ${from}-${to}`}`);
  return `${shown.join(', ')}${parts.length > 4 ? `, and ${parts.length - 4} more` : ''}`;
};

export const eventWords = (event: Event): string => {
  if (event.kind === 'receive') {
    const { device, packet } = event;
    return `${device} < ${packet.kind !== 'raw' && hopsOf(packet) <= 1 ? pieceWords(packet) : packetWords(packet)}`;
  }
  if (event.kind === 'control') return commandWords(event);
  if (event.kind === 'answer') return `answer to event ${event.to}`;
  return event.kind === 'error' ? `ICMP error ${event.type}/${event.code} about event ${event.to}` : `${event.milliseconds} ms pass`;
};

/** `delete 10.0.0.1:5 > 10.0.0.2:7 in zone 3`. */
export const commandWords = (event: Control): string =>
  match(event)
    .with({ command: P.union('flush', 'dump') }, ({ command, zone }) => `${command} ${zone === undefined ? 'everything' : `zone ${zone}`}`)
    .with({ command: P.union('get', 'delete') }, ({ command, tuple, zone, besides }) => `${command} ${tupleWords(tuple)} ${zoneWords(zone, besides)}`)
    .with({ command: 'create' }, ({ original, reply, zone, besides, timeoutMs, protoinfo }) => {
      const unlike = isInverse(reply, original) ? '' : `, reply ${tupleWords(reply)}`;
      return `create ${tupleWords(original)}${unlike} ${zoneWords(zone, besides)} for ${timeoutMs} ms${protoinfo ? `, ${protoinfo.kind} ${protoinfo.state}` : ''}`;
    })
    .with({ command: 'resize' }, ({ buckets }) => `resize to ${buckets} buckets`)
    .exhaustive();

const tupleWords = ({ source, destination, protocol, sourcePort, destinationPort }: Tuple): string =>
  `${source}:${sourcePort} > ${destination}:${destinationPort}${protocol === UDP ? '' : ` protocol ${protocol}`}`;

const zoneWords = (...zones: readonly (Zone | undefined)[]): string => {
  const said = zones.flatMap((zone) => (zone ? [zoneName(zone)] : []));
  return `in ${said.join(' and ') || 'no zone'}`;
};

/** What an observer sees of an event, one fact a line. */
export const outcomeWords = (outcome: Outcome | Expected): readonly string[] => {
  if (outcome.skipped) return ['skipped: nothing had left that it could be about'];
  const unspecified = 'unspecified' in outcome && outcome.unspecified !== undefined ? [`not specified: ${outcome.unspecified}`] : [];
  const told = outcome.told ? toldWords(outcome.told) : [];
  const left = outcome.left.length === 0 && outcome.passes.length > 0 ? ['nothing leaves'] : outcome.left.flatMap(departureWords);
  const evicted = (outcome.evicted ?? []).map((victim) => `ends early: ${evictedText(victim)}`);
  return [...unspecified, ...outcome.passes.map(passWords), ...told, ...evicted, ...left];
};

/** Connections shown of one list. */
const MOST_LISTED = 8;

const toldWords = (told: Told): readonly string[] => {
  if (told.kind !== 'list') return [told.kind === 'refused' ? `refused: ${told.why}` : told.kind];
  const { connections } = told;
  const rest = connections.length - MOST_LISTED;
  return [
    `lists ${connections.length === 1 ? '1 connection' : `${connections.length} connections`}`,
    ...connections.slice(0, MOST_LISTED).map((listed) => `- connection ${listed.connection}: ${listedText(listed)}`),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ];
};

const passWords = (pass: Tracked): string =>
  'zone' in pass ? `${pass.state}, ${pass.direction}, zone ${pass.zone}, connection ${pass.connection}` : pass.state;

/** Pieces shown of one datagram. */
const MOST_PIECES = 4;

const departureWords = ({ device, pieces }: Departure): readonly string[] => {
  const [first] = pieces;
  if (pieces.length === 1 && first) return [`leaves by ${device}: ${pieceWords(first)}`];
  const rest = pieces.length - MOST_PIECES;
  return [
    `leaves by ${device} in ${pieces.length} pieces:`,
    ...pieces.slice(0, MOST_PIECES).map((piece) => `- ${pieceWords(piece)}`),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ];
};

const pieceWords = (piece: Packet): string => (piece.kind !== 'raw' ? `${packetWords(piece)}, ttl ${hopsOf(piece)}` : packetWords(piece));

/** `tenant 1: zone 7 late`; with rules, all that its devices do in their order: `zone 7, then notrack (iptables)`. */
export const tenantWords = (network: Network, number: number): string => {
  const devices = network.tenants.find((tenant) => tenant.number === number)?.devices ?? [];
  const zones = new Set(network.devices.filter(({ name }) => devices.includes(name)).map(({ passes: [pass] }) => (pass ? passAssigns(pass).join(', then ') : 'no zone')));
  return `tenant ${number}: ${[...zones].join(', ')}`;
};

const passAssigns = ({ zone, assigned, rules = [] }: Pass): readonly string[] => {
  const own = zone ? [zoneName(zone) + late(assigned)] : rules.length === 0 ? ['no zone'] : [];
  return [...own, ...rules.map((rule) => `${ruleWords(rule)}${late(rule.assigned)}`)];
};

const late = (time: Time): string => (time === 'before-defragmentation' ? '' : ' late');

/** `zone 7 from the mark (iptables)`. */
export const ruleWords = (rule: ZoneRule): string =>
  `${match(rule)
    .with({ does: 'zone' }, ({ zone }) => zoneName(zone))
    .with({ does: 'zone-from-mark' }, ({ counts }) => `zone from the mark${counting(counts)}`)
    .with({ does: 'mark' }, ({ mark }) => `mark ${mark}`)
    .with({ does: 'notrack' }, () => 'notrack')
    .exhaustive()} (${rule.language})`;

/** `zone 7 in original direction`. */
export const zoneName = ({ id, counts }: Zone): string => `zone ${id}${counting(counts)}`;

const counting = (counts: Zone['counts']): string => (counts === 'both' ? '' : ` in ${counts} direction`);
