/** Trace files come back as they went, and whatever is wrong in one is named in a sentence. */
import { expect, test } from 'vitest';
import { CAPABILITIES } from '../../properties/fakes.ts';
import { traceFor } from '../../properties/generate/index.ts';
import { fragmentsOf, from, devicesOf, scenario, tenantsInZones, udp } from '../../properties/words.ts';
import { encode } from '../packet/index.ts';
import { BadInput } from './errors.ts';
import { parseTrace, traceText, validTrace } from './trace-file.ts';

const small = scenario({
  shows: 'One datagram.',
  network: tenantsInZones(1, 2),
  events: from(devicesOf(1)[0], [udp({}), ...fragmentsOf(udp({ payload: '00'.repeat(24) }), 2)]),
});

/** The small trace as JSON, with something else at a place such as `events.0.id`; undefined takes it away. */
const changed = (place: string, value: unknown): unknown => JSON.parse(JSON.stringify(put(small, place.split('.'), value)));

const put = (data: unknown, [key, ...rest]: readonly string[], value: unknown): unknown => {
  if (key === undefined) return value;
  if (!Array.isArray(data)) return { ...Object(data), [key]: put(new Map(Object.entries(Object(data))).get(key), rest, value) };
  const items: unknown[] = [...data];
  items[Number(key)] = put(items[Number(key)], rest, value);
  return items;
};

const rightChecksum = (): number => {
  const [first] = small.events;
  if (first?.kind !== 'receive') throw new Error('the small trace begins with a packet');
  const bytes = encode(first.packet);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(10);
};

const errorOf = (data: unknown): string => {
  try {
    validTrace(data, 'a.json');
  } catch (error) {
    if (error instanceof BadInput) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('generated traces come back as they went, and equal traces are equal bytes', () => {
  for (let index = 0; index < 200; index += 1) {
    const trace = traceFor(5, index, CAPABILITIES);
    const text = traceText(trace);
    const back = parseTrace(text, 'a.json');
    expect(back).toEqual(trace);
    expect(traceText(back)).toBe(text);
  }
});

test('one event stands on one line, and the order of keys is not the writer\'s', () => {
  const text = traceText(small);
  expect(text.split('\n').filter((line) => line.includes('"kind":"receive"'))).toHaveLength(small.events.length);
  const [first, ...others] = small.events;
  const shuffled = { ...small, events: [Object.fromEntries(Object.entries(first ?? {}).toReversed()), ...others] };
  expect(traceText(validTrace(shuffled, 'a.json'))).toBe(text);
});

const getIn = (counts: string, others: string) => ({
  kind: 'control',
  id: 0,
  command: 'get',
  tuple: { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17, sourcePort: 1, destinationPort: 2 },
  zone: { id: 1, counts },
  besides: { id: 2, counts: others },
});

test.each([
  ['not an object', 5, /^a\.json: the trace must be object/],
  ['another version', changed('version', 2), /version must be 1; other versions are not available yet/],
  ['an unknown key', changed('extra', 1), /has a key that is not known: "extra"/],
  ['an unknown event', changed('events.0.kind', 'flush'), /events\[0\]\.kind is not one of receive, answer, error, advance, control; other events are not available yet/],
  ['an unknown command', changed('events.0', { kind: 'control', id: 0, command: 'list' }), /events\[0\]\.command is not one of flush, dump, get, delete, create, resize/],
  ['a dump of a zone too large', changed('events.0', { kind: 'control', id: 0, command: 'dump', zone: 65_536 }), /events\[0\]\.zone must be at most 65535/],
  ['a flush of a number too large', changed('events.0', { kind: 'control', id: 0, command: 'flush', zone: 2 ** 32 }), /events\[0\]\.zone must be at most 4294967295/],
  ['a tuple without a protocol', changed('events.0', { kind: 'control', id: 0, command: 'get', tuple: {} }), /events\[0\]\.tuple\.source must be/],
  ['one zone twice', changed('events.0', getIn('both', 'both')), /events\[0\]\.besides\.counts must not be 'both'/],
  ['two directions for one tuple', changed('events.0', getIn('original', 'reply')), /events\[0\]\.besides\.counts must be 'both'/],
  ['a missing field', changed('events.0.packet.ttl', undefined), /events\[0\]\.packet\.ttl must be a whole number from 0 to 255/],
  ['an octet too large', changed('events.0.packet.ttl', 256), /events\[0\]\.packet\.ttl must be at most 255/],
  ['an odd number of digits', changed('events.1.packet.payload.bytes', 'abc'), /events\[1\]\.packet\.payload\.bytes must be lowercase hexadecimal/],
  ['upper case', changed('events.1.packet.payload.bytes', 'AB'), /must be lowercase hexadecimal/],
  ['an offset between blocks', changed('events.1.packet.offset', 4), /events\[1\]\.packet\.offset must be a multiple of 8/],
  ['an address', changed('events.0.packet.source', '10.0.0.256'), /events\[0\]\.packet\.source must be an IPv4 address/],
  ['an address with leading zeros', changed('events.0.packet.source', '10.0.0.01'), /must be an IPv4 address/],
  ['a zone too large', changed('network.devices.0.passes.0.zone.id', 65_536), /network\.devices\[0\]\.passes\[0\]\.zone\.id must be at most 65535/],
  ['a direction that there is not', changed('network.devices.0.passes.0.zone.counts', 'sideways'), /must be 'both', 'original' or 'reply'/],
  ['a rule that does nothing known', changed('network.devices.0.passes.0.rules', [{ does: 'drop' }]), /rules\[0\]\.does is not one of zone, zone-from-mark, notrack, mark/],
  ['a mark too large', changed('network.devices.0.passes.0.rules', [{ does: 'mark', mark: 2 ** 32, language: 'nft', assigned: 'before-defragmentation' }]), /rules\[0\]\.mark must be at most 4294967295/],
  ['two passes', changed('network.devices.0.passes.1', small.network.devices[0]?.passes[0]), /must be exactly one pass; more are not available yet/],
  ['an era that there was not', changed('network.era', 'linux-1999'), /network\.era must be one of rfc-2010, linux-2010, linux-4\.3, linux-6\.8/],
  ['a direction before there were any', changed('network', { ...small.network, era: 'linux-2010', devices: small.network.devices.map((device) => ({ ...device, passes: [{ zone: { id: 1, counts: 'reply' }, assigned: 'before-defragmentation' }] })) }), /network asks for marks, directions or rules of nft, which linux-2010 did not have/],
  ['extensions today', changed('network.extensions', 3), /network asks for zone extensions that can run out/],
  ['a table of nothing', changed('network.limits', { connections: 0 }), /network\.limits\.connections must be at least 1/],
  ['two limits of a zone', changed('network.limits', { zones: [{ zone: 1, connections: 1 }, { zone: 1, connections: 2 }] }), /network\.limits\.zones\[1\] is about zone 1 a second time/],
  ['a counter on a device that is not there', changed('network.limits', { counters: [{ devices: ['t9a'], most: 1, counts: 'each-zone' }] }), /network\.limits\.counters\[0\]\.devices names t9a, which is not a device/],
  ['a counter of nothing known', changed('network.limits', { counters: [{ devices: ['t1a'], most: 1, counts: 'some' }] }), /network\.limits\.counters\[0\]\.counts must be/],
  ['a device twice', changed('network.devices.1.name', small.network.devices[0]?.name), /is there twice/],
  ['an exit that is not there', changed('network.devices.0.exit', 'nowhere'), /network\.devices\[0\]\.exit nowhere is not a device/],
  ['an exit to itself', changed('network.devices.0.exit', small.network.devices[0]?.name), /is the device itself/],
  ['a tenant twice', changed('network.tenants.1.number', 1), /network\.tenants\[1\]\.number 1 is there twice/],
  ['a device of two tenants', changed('network.tenants.1.devices', small.network.tenants[0]?.devices), /given twice/],
  ['tenant 32', changed('network.tenants.1.number', 32), /must be at most 31/],
  ['an id that falls', changed('events.1.id', small.events[0]?.id), /events\[1\]\.id \d+ must be above/],
  ['an arrival nowhere', changed('events.0.device', 'nowhere'), /events\[0\]\.device nowhere is not a device/],
  ['an answer to the future', changed('events.3', { kind: 'answer', id: 900, to: 901 }), /events\[3\]\.to 901 must be the id of an earlier/],
  ['an error about the future', changed('events.3', { kind: 'error', id: 900, to: 901, type: 3, code: 3 }), /events\[3\]\.to 901 must be the id of an earlier receive, answer or error/],
  ['an error of no type', changed('events.3', { kind: 'error', id: 900, to: 1, type: 256, code: 3 }), /events\[3\]\.type must be at most 255/],
  ['UDP in a fragment', changed('events.0.packet.mf', true), /events\[0\]\.packet\.payload\.\w+ reads back from its own bytes as/],
  ['a wrong checksum that is right', changed('events.0.packet.checksum', { wrong: rightChecksum() }), /packet\.checksum reads back from its own bytes as "right"/],
  ['a checksum of another kind', changed('events.0.packet.checksum', 'bad'), /packet\.checksum must be 'right'/],
])('%s is refused in a sentence', (_, data, expected) => {
  const message = errorOf(data);
  expect(message).toMatch(expected);
  expect(message).toMatch(/^a\.json: [^\n]*\.$/);
});

test('text that is not JSON is refused with its name', () => {
  expect(() => parseTrace('{"version": 1,', 'b.json')).toThrow(/^b\.json is not JSON \(.*\); give a trace that zoneproof wrote\.$/);
});
