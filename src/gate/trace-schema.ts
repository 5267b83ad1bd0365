/**
 * The shape of a trace file: fields, their kinds and ranges, and what is usual where nothing is said.
 */
import { z } from 'zod';
import { ERAS } from '../../spec/era.ts';
import { STATES as SCTP_STATES } from '../../spec/sctp/association.ts';
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import { COMMANDS } from '../../spec/trace/event.ts';
import type { Timeouts } from '../../spec/trace/network.ts';
import { TCP_FLAGS } from '../../spec/trace/transport.ts';
import { addressOf, writeAddress6 } from '../../spec/wire/address.ts';

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
/** In a packet its bytes say whether an address is written as it should be. */
const plainAddress6 = address6.refine((text) => addressOf(writeAddress6(text)) === text, { error: 'must be an IPv6 address as RFC 5952 writes it, like fd00::1' });
const addressRange = z.strictObject({ from: address, to: address });
const addressRange6 = z.strictObject({ from: plainAddress6, to: plainAddress6 });
const translationOf = (version: typeof addressRange | typeof addressRange6) =>
  z.strictObject({
    to: z.union([z.literal('own'), version], { error: "must be 'own' or {\"from\": address, \"to\": address}" }),
    ports: z.exactOptional(z.strictObject({ from: word, to: word })),
  });
const natOf = (version: typeof addressRange | typeof addressRange6) =>
  z.strictObject({ destination: z.exactOptional(translationOf(version)), source: z.exactOptional(translationOf(version)) });
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
          z.array(z.strictObject({ to: z.union([addressRange, addressRange6], { error: 'must be {"from": address, "to": address}' }), exit: deviceName })).max(TRACE_LIMITS.devices, { error: `must be at most ${TRACE_LIMITS.devices} routes` }),
        ),
        peer: z.exactOptional(deviceName),
        helper: z.exactOptional(z.strictObject({ name: z.literal('ftp', { error: "must be 'ftp'; other helpers are not available yet" }), port: word })),
        address: z.exactOptional(address),
        address6: z.exactOptional(plainAddress6),
        nat: z.exactOptional(natOf(addressRange)),
        nat6: z.exactOptional(natOf(addressRange6)),
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

/** A trace as JSON has it, of today's version. */
export const schema = z.strictObject({
  version: z.literal(1, { error: 'must be 1; other versions are not available yet' }),
  about: z.exactOptional(z.string().max(1000)),
  network,
  events: z.array(event).max(TRACE_LIMITS.events, { error: `must have at most ${TRACE_LIMITS.events} events` }),
});
