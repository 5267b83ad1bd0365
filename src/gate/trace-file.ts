/**
 * Trace files: how a trace is read from JSON, checked, and written so that equal traces are equal bytes.
 *
 * One event stands on one line and keys stand in the order of their types, so a diff of two files reads as a diff of
 * two traces.
 */
import { z } from 'zod';
import { STATES as SCTP_STATES } from '../../spec/sctp/association.ts';
import { COMMANDS, type Control, type Event } from '../../spec/trace/event.ts';
import { anachronism, ERAS } from '../../spec/era.ts';
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { AddressRange, Device, Network, TcpSettings, Timeouts } from '../../spec/trace/network.ts';
import type { Packet } from '../../spec/trace/packet.ts';
import { isReaction } from '../../spec/trace/reaction.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { TCP_FLAGS } from '../../spec/trace/transport.ts';
import { decode, encode } from '../packet/index.ts';
import { BadInput } from './errors.ts';
import { differingField } from '../../spec/plain.ts';

/** What a file may hold at most; beyond it is refused, not cut. */
export const TRACE_LIMITS = {
  fileBytes: 64 * 1024 * 1024,
  events: 100_000,
  devices: 1024,
  /** Of one translation. */
  addresses: 256,
  /** Of one device. */
  rules: 64,
  /** One for each zone there can be, and one for all others. */
  zoneLimits: 65_537,
  counters: 8,
  tenants: 31,
  /** What the length field of an IP packet can say. */
  packetBytes: 65_535,
  /** The most that fit into an IPv6 packet, of 8 bytes each. */
  extensions: 8191,
  milliseconds: 1_000_000_000,
} as const;

const whole = (from: number, to: number) =>
  z.int({ error: `must be a whole number from ${from} to ${to}` }).min(from, { error: `must be at least ${from}` }).max(to, { error: `must be at most ${to}` });
const octet = whole(0, 255);
const word = whole(0, 65_535);
const long = whole(0, 2 ** 32 - 1);
const bytes = z
  .string({ error: 'must be bytes as hexadecimal text' })
  .max(2 * TRACE_LIMITS.packetBytes, { error: `must be at most ${TRACE_LIMITS.packetBytes} bytes` })
  .regex(/^(?:[0-9a-f]{2})*$/, { error: 'must be lowercase hexadecimal, two digits a byte' });
const address6 = z
  .string({ error: 'must be an IPv6 address' })
  .regex(/^[0-9a-f:]{2,39}$/, { error: 'must be an IPv6 address like fd00::1' });
const address = z
  .string({ error: 'must be an IPv4 address' })
  .regex(/^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/, { error: 'must be an IPv4 address like 10.0.0.1' });
const anyAddress = z.union([address, address6], { error: 'must be an address like 10.0.0.1 or fd00::1' });
const deviceName = z
  .string({ error: 'must be the name of a device' })
  .regex(/^[a-z0-9._-]{1,15}$/, { error: 'must be a device name: 1 to 15 of a-z 0-9 . - _' });

const length = z.union([z.literal('right'), z.strictObject({ claimed: word })], {
  error: "must be 'right' or {\"claimed\": number from 0 to 65535}",
});
const signedChecksum = z.union([z.literal('right'), z.literal('negative zero'), z.strictObject({ wrong: word })], {
  error: "must be 'right', 'negative zero' or {\"wrong\": number from 0 to 65535}",
});
const udpChecksum = z.union([z.literal('right'), z.literal('none'), z.strictObject({ wrong: word })], {
  error: "must be 'right', 'none' or {\"wrong\": number from 0 to 65535}",
});

const udpLiteChecksum = z.union([z.literal('right'), z.literal('as Linux'), z.literal('none'), z.strictObject({ wrong: word })], {
  error: "must be 'right', 'as Linux', 'none' or {\"wrong\": number from 0 to 65535}",
});

const sctpChecksum = z.union([z.literal('right'), z.strictObject({ wrong: long })], {
  error: "must be 'right' or {\"wrong\": number from 0 to 4294967295}",
});

const headerOptions = bytes.max(80, { error: 'must be at most 40 bytes' }).refine((text) => text.length % 8 === 0, { error: 'must be a multiple of 4 bytes long' });

const payload = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('udp'), sourcePort: word, destinationPort: word, length, checksum: udpChecksum, payload: bytes }),
  z.strictObject({ kind: z.literal('udp-lite'), sourcePort: word, destinationPort: word, coverage: word, checksum: udpLiteChecksum, payload: bytes }),
  z.strictObject({ kind: z.literal('sctp'), sourcePort: word, destinationPort: word, tag: long, checksum: sctpChecksum, payload: bytes }),
  z.strictObject({
    kind: z.literal('tcp'),
    sourcePort: word,
    destinationPort: word,
    sequence: long,
    acknowledgement: long,
    reserved: whole(0, 15),
    flags: z.string().regex(/^F?S?R?P?A?U?E?C?$/, { error: `must be letters of ${TCP_FLAGS.join('')}, in this order` }),
    window: word,
    checksum: signedChecksum,
    urgent: word,
    options: headerOptions,
    payload: bytes,
  }),
  z.strictObject({ kind: z.literal('icmp'), type: octet, code: octet, checksum: signedChecksum, identifier: word, sequence: word, payload: bytes }),
  z.strictObject({ kind: z.literal('opaque'), bytes, why: z.enum(['fragment', 'protocol', 'short', 'header-length', 'length']) }),
]);
const extension = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal(['hop-by-hop', 'routing', 'destination-options', 'authentication']), data: bytes }),
  z.strictObject({
    kind: z.literal('fragment'),
    id: long,
    offset: whole(0, 65_528).multipleOf(8, { error: 'must be a multiple of 8' }),
    mf: z.boolean(),
    reserved: whole(0, 1023),
  }),
]);
const packet = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ipv4'),
    source: address,
    destination: address,
    tos: octet,
    id: word,
    reserved: z.boolean(),
    df: z.boolean(),
    mf: z.boolean(),
    offset: whole(0, 65_528).multipleOf(8, { error: 'must be a multiple of 8' }),
    ttl: octet,
    protocol: octet,
    options: headerOptions,
    length,
    checksum: signedChecksum,
    payload,
    trailer: bytes,
  }),
  z.strictObject({
    kind: z.literal('ipv6'),
    source: address6,
    destination: address6,
    trafficClass: octet,
    flowLabel: whole(0, 2 ** 20 - 1),
    hopLimit: octet,
    extensions: z.array(extension).max(TRACE_LIMITS.extensions, { error: `must have at most ${TRACE_LIMITS.extensions} extension headers` }),
    protocol: octet,
    length,
    payload,
    trailer: bytes,
  }),
  z.strictObject({ kind: z.literal('raw'), bytes, why: z.enum(['short', 'version', 'header-length']) }),
]);

const id = whole(0, 1_000_000_000);
const EVENT_KINDS = ['receive', 'answer', 'error', 'advance', 'control'];
const counts = z.enum(['both', 'original', 'reply'], { error: "must be 'both', 'original' or 'reply'" });
const zone = z.strictObject({ id: word, counts });
const when = z.enum(['before-defragmentation', 'after-defragmentation']);
const language = z.enum(['nft', 'iptables'], { error: "must be 'nft' or 'iptables'" });
const DEEDS = ['zone', 'zone-from-mark', 'notrack', 'mark'];
const zoneRule = z.discriminatedUnion(
  'does',
  [
    z.strictObject({ does: z.literal('zone'), zone, language, assigned: when }),
    z.strictObject({ does: z.literal('zone-from-mark'), counts, language, assigned: when }),
    z.strictObject({ does: z.literal('notrack'), language, assigned: when }),
    z.strictObject({ does: z.literal('mark'), mark: long, language, assigned: when }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? `is not one of ${DEEDS.join(', ')}` : undefined) },
);
const tuple = z.strictObject({ source: anyAddress, destination: anyAddress, protocol: octet, sourcePort: word, destinationPort: word });
const control = { kind: z.literal('control'), id } as const;
const zones = { zone: z.exactOptional(zone), besides: z.exactOptional(zone) } as const;
const tcpSide = z.strictObject({
  scale: z.exactOptional(whole(0, 14)),
  sackPermitted: z.boolean(),
  closedFirst: z.boolean(),
  liberal: z.boolean(),
  unacknowledged: z.boolean(),
});
const protoinfo = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tcp'),
    state: z.enum(['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2']),
    original: tcpSide,
    reply: tcpSide,
  }),
  z.strictObject({ kind: z.literal('sctp'), state: z.enum(SCTP_STATES), tags: z.strictObject({ original: long, reply: long }) }),
]);
const command = z.discriminatedUnion(
  'command',
  [
    z.strictObject({ ...control, command: z.literal('flush'), zone: z.exactOptional(long) }),
    z.strictObject({ ...control, command: z.literal('dump'), zone: z.exactOptional(word) }),
    z.strictObject({ ...control, command: z.literal('get'), tuple, ...zones }),
    z.strictObject({ ...control, command: z.literal('delete'), tuple, ...zones }),
    z.strictObject({
      ...control,
      command: z.literal('create'),
      original: tuple,
      reply: tuple,
      ...zones,
      timeoutMs: whole(1, TRACE_LIMITS.milliseconds),
      protoinfo: z.exactOptional(protoinfo),
    }),
    z.strictObject({ ...control, command: z.literal('resize'), buckets: whole(1, 2 ** 31 - 1) }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? `is not one of ${COMMANDS.join(', ')}` : undefined) },
);
const event = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('receive'), id, device: deviceName, packet }),
    z.strictObject({ kind: z.literal('answer'), id, to: id }),
    z.strictObject({ kind: z.literal('error'), id, to: id, type: octet, code: octet }),
    z.strictObject({ kind: z.literal('advance'), id, milliseconds: whole(0, TRACE_LIMITS.milliseconds) }),
    command,
  ],
  { error: ({ code }) => (code === 'invalid_union' ? `is not one of ${EVENT_KINDS.join(', ')}; other events are not available yet` : undefined) },
);

/** What is not said is as usual. */
const timeoutMs = (name: keyof Timeouts) => whole(1, TRACE_LIMITS.milliseconds).default(DEFAULT_TIMEOUTS[name]);
const timeouts = z.strictObject({
  udpMs: timeoutMs('udpMs'),
  udpStreamMs: timeoutMs('udpStreamMs'),
  tcpSynSentMs: timeoutMs('tcpSynSentMs'),
  tcpSynRecvMs: timeoutMs('tcpSynRecvMs'),
  tcpEstablishedMs: timeoutMs('tcpEstablishedMs'),
  tcpFinWaitMs: timeoutMs('tcpFinWaitMs'),
  tcpCloseWaitMs: timeoutMs('tcpCloseWaitMs'),
  tcpLastAckMs: timeoutMs('tcpLastAckMs'),
  tcpTimeWaitMs: timeoutMs('tcpTimeWaitMs'),
  tcpCloseMs: timeoutMs('tcpCloseMs'),
  tcpSynSent2Ms: timeoutMs('tcpSynSent2Ms'),
  tcpMaxRetransMs: timeoutMs('tcpMaxRetransMs'),
  tcpUnacknowledgedMs: timeoutMs('tcpUnacknowledgedMs'),
  icmpMs: timeoutMs('icmpMs'),
  icmp6Ms: timeoutMs('icmp6Ms'),
  greMs: timeoutMs('greMs'),
  greStreamMs: timeoutMs('greStreamMs'),
  sctpClosedMs: timeoutMs('sctpClosedMs'),
  sctpCookieWaitMs: timeoutMs('sctpCookieWaitMs'),
  sctpCookieEchoedMs: timeoutMs('sctpCookieEchoedMs'),
  sctpEstablishedMs: timeoutMs('sctpEstablishedMs'),
  sctpShutdownSentMs: timeoutMs('sctpShutdownSentMs'),
  sctpShutdownReceivedMs: timeoutMs('sctpShutdownReceivedMs'),
  sctpShutdownAckSentMs: timeoutMs('sctpShutdownAckSentMs'),
  sctpHeartbeatSentMs: timeoutMs('sctpHeartbeatSentMs'),
  genericMs: timeoutMs('genericMs'),
  fragmentMs: timeoutMs('fragmentMs'),
  fragment6Ms: timeoutMs('fragment6Ms'),
});
const flag = (name: 'loose' | 'liberal' | 'ignoreInvalidRst') => z.boolean({ error: 'must be true or false' }).default(DEFAULT_TCP[name]);
const tcpSettings = z.strictObject({
  loose: flag('loose'),
  liberal: flag('liberal'),
  maxRetrans: octet.default(DEFAULT_TCP.maxRetrans),
  ignoreInvalidRst: flag('ignoreInvalidRst'),
});
const addressRange = z.strictObject({ from: address, to: address });
const translation = z.strictObject({
  to: z.union([z.literal('own'), addressRange], { error: "must be 'own' or {\"from\": address, \"to\": address}" }),
  ports: z.exactOptional(z.strictObject({ from: word, to: word })),
});
const limits = z.strictObject({
  connections: z.exactOptional(whole(1, 1_000_000_000)),
  zones: z.exactOptional(
    z
      .array(z.strictObject({ zone: z.exactOptional(word), connections: whole(1, 1_000_000_000) }))
      .max(TRACE_LIMITS.zoneLimits, { error: `must be at most ${TRACE_LIMITS.zoneLimits} limits` }),
  ),
  counters: z.exactOptional(
    z
      .array(z.strictObject({ devices: z.array(deviceName), most: whole(0, 1_000_000_000), counts: z.enum(['each-zone', 'all-zones']) }))
      .max(TRACE_LIMITS.counters, { error: `must be at most ${TRACE_LIMITS.counters} counters` }),
  ),
});
const network = z.strictObject({
  era: z.exactOptional(z.enum(ERAS, { error: `must be one of ${ERAS.join(', ')}` })),
  extensions: z.exactOptional(whole(0, 1_000_000_000)),
  limits: z.exactOptional(limits),
  devices: z
    .array(
      z.strictObject({
        name: deviceName,
        passes: z
          .array(
            z.strictObject({
              zone: z.exactOptional(zone),
              assigned: when,
              rules: z.exactOptional(z.array(zoneRule).max(TRACE_LIMITS.rules, { error: `must be at most ${TRACE_LIMITS.rules} rules` })),
            }),
          )
          .length(1, { error: 'must be exactly one pass; more are not available yet' }),
        exit: deviceName,
        routes: z.exactOptional(
          z.array(z.strictObject({ to: addressRange, exit: deviceName })).max(TRACE_LIMITS.devices, { error: `must be at most ${TRACE_LIMITS.devices} routes` }),
        ),
        peer: z.exactOptional(deviceName),
        address: z.exactOptional(address),
        nat: z.exactOptional(z.strictObject({ destination: z.exactOptional(translation), source: z.exactOptional(translation) })),
      }),
    )
    .min(1, { error: 'must have at least one device' })
    .max(TRACE_LIMITS.devices, { error: `must have at most ${TRACE_LIMITS.devices} devices` }),
  tenants: z
    .array(z.strictObject({ number: whole(1, 31), devices: z.array(deviceName) }))
    .max(TRACE_LIMITS.tenants, { error: `must have at most ${TRACE_LIMITS.tenants} tenants` }),
  timeouts,
  tcp: tcpSettings.default(DEFAULT_TCP),
  fragments: z.strictObject({ distance: whole(0, 1_000_000_000), memoryBytes: whole(0, 1_000_000_000) }),
});

const schema = z.strictObject({
  version: z.literal(1, { error: 'must be 1; other versions are not available yet' }),
  about: z.exactOptional(z.string().max(1000)),
  network,
  events: z.array(event).max(TRACE_LIMITS.events, { error: `must have at most ${TRACE_LIMITS.events} events` }),
});

/** @param file names the input in errors. @throws BadInput with one sentence: the file, the place, what it must be. */
export const parseTrace = (text: string, file: string): Trace => validTrace(fromJson(text, file, 'give a trace that zoneproof wrote'), file);

/** A trace out of plain data, its keys put in the order of their types. @throws BadInput */
export const validTrace = (data: unknown, file: string): Trace => {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new BadInput(`${file}: ${problemOf(parsed.error)}.`);
  const trace: Trace = parsed.data;
  const problem = networkProblem(trace.network) ?? eventProblem(trace);
  if (problem !== undefined) throw new BadInput(`${file}: ${problem}.`);
  return trace;
};

/** The one text of a trace: equal traces, equal bytes. */
export const traceText = (trace: Trace): string => {
  const { version, about, network: net, events } = schema.parse(trace);
  const aboutLine = about === undefined ? '' : `  "about": ${JSON.stringify(about)},\n`;
  return (
    `{\n  "version": ${version},\n${aboutLine}  "network": {\n${eraLine(net)}` +
    `    "devices": ${lines(net.devices, '    ')},\n    "tenants": ${lines(net.tenants, '    ')},\n` +
    `    "timeouts": ${JSON.stringify(unusual(net.timeouts, DEFAULT_TIMEOUTS))},\n${tcpLine(net.tcp)}    "fragments": ${JSON.stringify(net.fragments)}\n  },\n` +
    `  "events": ${lines(events, '  ')}\n}\n`
  );
};

const unusual = <Settings extends Timeouts | TcpSettings>(all: Settings, usual: Settings): object => {
  const usually = new Map<string, unknown>(Object.entries(usual));
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== usually.get(name)));
};

const eraLine = ({ era, extensions, limits: most }: Network): string =>
  (era === undefined ? '' : `    "era": ${JSON.stringify(era)},\n`) +
  (extensions === undefined ? '' : `    "extensions": ${extensions},\n`) +
  (most === undefined ? '' : `    "limits": ${JSON.stringify(most)},\n`);

const tcpLine = (settings: TcpSettings): string => {
  const said = unusual(settings, DEFAULT_TCP);
  return Object.keys(said).length === 0 ? '' : `    "tcp": ${JSON.stringify(said)},\n`;
};

const lines = (items: readonly unknown[], margin: string): string =>
  items.length === 0 ? '[]' : `[\n${items.map((item) => `${margin}  ${JSON.stringify(item)}`).join(',\n')}\n${margin}]`;

/** @param remedy what to give instead. @throws BadInput */
export const fromJson = (text: string, file: string, remedy: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new BadInput(`${file} is not JSON (${where.slice(0, 120)}); ${remedy}.`);
  }
};

/** The first thing that is wrong: its place, and what it must be. */
export const problemOf = ({ issues: [issue] }: z.ZodError): string =>
  `${placeOf(issue?.path ?? [])} ${plain(issue?.message ?? 'is not valid')}`;

const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('') || 'the trace';

/** The validator's own words, where the schema has none, made to follow a place. */
const plain = (message: string): string => {
  const text = message.replace(/^Invalid (?:input|option): expected /, 'must be ').replace(/^Unrecognized keys?: /, 'has a key that is not known: ');
  return text.replace(/, received undefined$/, ' (it is missing)');
};

/** What a schema cannot see: whether names mean something. */
const networkProblem = (net: Network): string | undefined => {
  const { devices, tenants } = net;
  const anachronistic = anachronism(net);
  if (anachronistic !== undefined) return `network asks for ${anachronistic}; name another era, or leave it out`;
  const names = new Set<string>();
  for (const [index, { name }] of devices.entries()) {
    if (names.has(name)) return `network.devices[${index}].name ${name} is there twice; rename one`;
    names.add(name);
  }
  for (const [index, { name, exit, routes = [], peer }] of devices.entries()) {
    const place = `network.devices[${index}]`;
    for (const [field, other] of [['exit', exit], ...routes.map((route, number) => [`routes[${number}].exit`, route.exit] as const)] as const) {
      if (!names.has(other)) return `${place}.${field} ${other} is not a device; name one of network.devices`;
      if (other === name) return `${place}.${field} is the device itself; name another device`;
    }
    const wrong = routes.findIndex(({ to }) => numberOf(to.from) > numberOf(to.to));
    if (wrong !== -1) return `${place}.routes[${wrong}].to must go from one address up to another`;
    if (peer !== undefined && (peer === name || devices.find((device) => device.name === peer)?.peer !== name)) {
      return `${place}.peer ${peer} must be another device, whose peer this one is`;
    }
  }
  const limit = limitsProblem(net, names);
  if (limit !== undefined) return limit;
  const translation = devices.map(translationProblem).find((problem) => problem !== undefined);
  if (translation !== undefined) return translation;
  const numbers = new Set<number>();
  const owned = new Set<string>();
  for (const [index, tenant] of tenants.entries()) {
    const place = `network.tenants[${index}]`;
    if (numbers.has(tenant.number)) return `${place}.number ${tenant.number} is there twice; number tenants apart`;
    numbers.add(tenant.number);
    for (const device of tenant.devices) {
      if (!names.has(device)) return `${place}.devices names ${device}, which is not a device; name one of network.devices`;
      if (owned.has(device)) return `${place}.devices names ${device}, which is given twice; a device has one tenant`;
      owned.add(device);
    }
  }
  return undefined;
};

const limitsProblem = ({ limits: most }: Network, names: ReadonlySet<string>): string | undefined => {
  const limited = new Set<number | undefined>();
  for (const [index, { zone: id }] of (most?.zones ?? []).entries()) {
    if (limited.has(id)) return `network.limits.zones[${index}] is about ${id === undefined ? 'all other zones' : `zone ${id}`} a second time; leave one out`;
    limited.add(id);
  }
  for (const [index, counter] of (most?.counters ?? []).entries()) {
    const strange = counter.devices.find((device, place) => !names.has(device) || counter.devices.indexOf(device) !== place);
    if (strange !== undefined) return `network.limits.counters[${index}].devices names ${strange}, which is not a device or there twice; name devices of network.devices once`;
  }
  return undefined;
};

const translationProblem = ({ address: own, nat }: Device, index: number): string | undefined => {
  for (const side of ['destination', 'source'] as const) {
    const rule = nat?.[side];
    const place = `network.devices[${index}].nat.${side}`;
    if (!rule) continue;
    const { to, ports } = rule;
    if (to === 'own' && own === undefined) return `${place}.to is the device's own address, which it does not have; give it an address`;
    if (to !== 'own' && !isRange(to)) return `${place}.to must go from one address up to another, ${TRACE_LIMITS.addresses} at most`;
    if (ports && ports.from > ports.to) return `${place}.ports must go from one port up to another`;
  }
  return undefined;
};

const isRange = ({ from, to }: AddressRange): boolean => {
  const size = numberOf(to) - numberOf(from) + 1;
  return size >= 1 && size <= TRACE_LIMITS.addresses;
};

const numberOf = (text: string): number => text.split('.').reduce((all, octet) => all * 256 + Number(octet), 0);

const eventProblem = ({ network: { devices }, events }: Trace): string | undefined => {
  const names = new Set(devices.map(({ name }) => name));
  const reactable = new Set<number>();
  let last = -1;
  for (const [index, item] of events.entries()) {
    const place = `events[${index}]`;
    if (item.id <= last) return `${place}.id ${item.id} must be above ${last}, the id before it`;
    last = item.id;
    const problem = oneEventProblem(item, names, reactable);
    if (problem !== undefined) return `${place}.${problem}`;
    if (item.kind === 'receive' || isReaction(item)) reactable.add(item.id);
  }
  return undefined;
};

const oneEventProblem = (item: Event, names: ReadonlySet<string>, reactable: ReadonlySet<number>): string | undefined => {
  if (item.kind === 'control') return commandProblem(item);
  if (item.kind === 'advance') return undefined;
  if (isReaction(item)) {
    return reactable.has(item.to) ? undefined : `to ${item.to} must be the id of an earlier receive, answer or error`;
  }
  if (!names.has(item.device)) return `device ${item.device} is not a device; name one of network.devices`;
  const problem = packetProblem(item.packet);
  return problem === undefined ? undefined : `packet${problem}`;
};

/** Two zones are said in two places; a command with one tuple has one for both directions and one beside the tuple. */
const commandProblem = (item: Control): string | undefined => {
  if (!('besides' in item) || !item.besides) return undefined;
  if (!item.zone) return 'besides is said without a zone; name it zone';
  if (item.zone.counts === item.besides.counts) return `besides.counts must not be '${item.besides.counts}', as that of zone is`;
  const isOneTooMany = item.command !== 'create' && item.zone.counts !== 'both' && item.besides.counts !== 'both';
  return isOneTooMany ? "besides.counts must be 'both', as the command has one tuple to say a direction beside" : undefined;
};

/** A packet that its own bytes would contradict has no one meaning, so it is refused rather than repaired. */
const packetProblem = (item: Packet): string | undefined => {
  try {
    const canonical = decode(encode(item));
    const field = differingField(canonical, item);
    return field === undefined ? undefined : `${field.place} reads back from its own bytes as ${field.wanted}; write it so`;
  } catch (error) {
    if (error instanceof RangeError) return ` has no bytes: ${error.message.replace(/\.$/, '')}`;
    throw error;
  }
};
