/** Laws: each is kept by the model and broken by a mistake; each has a canary that its own check finds. */
import { describe, expect, test } from 'vitest';
import type { Command, Playable } from '../../spec/trace/event.ts';
import type { Network } from '../../spec/trace/network.ts';
import type { Listed, Outcome } from '../../spec/trace/outcome.ts';
import { type Ipv4, isFragment } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { colouredPayload } from '../colours.ts';
import { CAPABILITIES, type Mistake, subjectOf } from '../fakes.ts';
import { traceFor } from '../generate/index.ts';
import { premiseNotMet, type Verdict } from '../law.ts';
import { run } from '../run.ts';
import type { Subject } from '../subject.ts';
import { answersTo, asks, assignedLate, errorsTo, icmp, fragmentsOf, from, interleave, limitedTo, scenario, sctp, tenantsInZones, toAddress, translating, tunnels, tupleOfUdp, udp, wait, type Word, zone } from '../words.ts';
import { laws } from './index.ts';

const lawOf = (id: string) => laws.find((law) => law.id === id)!;
const check = async (id: string, subject: Subject, trace: Trace): Promise<Verdict> => {
  const law = lawOf(id);
  expect(law.boundary(trace)).toBe(true);
  return law.check(subject, trace);
};
const told = (network: Network, ...events: readonly (readonly Word[])[]): Trace => scenario({ shows: 'a test', network, events: events.flat() });

/** Only the low byte of a zone counts; what is told of it is its whole id, so the mistake shows by its effects alone. */
const lowByte: Mistake = {
  network: (network) => withZones(network, (id) => id & 0xff),
};
const withZones = (network: Network, change: (id: number) => number): Network => ({
  ...network,
  devices: network.devices.map((device) => ({
    ...device,
    passes: device.passes.map((pass) => (pass.zone ? { ...pass, zone: { ...pass.zone, id: change(pass.zone.id) } } : pass)),
  })),
});

const coloured = (tenant: number, header: Partial<Ipv4> = {}) => udp({ payload: colouredPayload(tenant, 1, 24) }, header);
const there = coloured(1);
const back = udp({ sourcePort: 2000, destinationPort: 1000 }, { source: '10.0.0.2', destination: '10.0.0.1' });
const aliases = tenantsInZones(1, 257);
const conversation = told(aliases, from('t1a', there), from('t2b', back), [wait(1)], from('t1b', back), from('t2a', coloured(2)));
const pieces = told(aliases, interleave(from('t1a', fragmentsOf(coloured(1), 2)), from('t2a', fragmentsOf(coloured(2), 2))));
/** An error about a packet of each tenant, which the first one opened. */
const toldOfErrors = (() => {
  const [first, second] = [from('t1a', there), from('t2a', coloured(2))];
  return told(aliases, first, second, errorsTo([...first, ...second]));
})();
const asUsual = told(tenantsInZones(1, 2), from('t1a', there), from('t2a', coloured(2)));

/** One address and one port behind it, for each of two zones that are easily taken for each other. */
const narrow = { nat: { source: toAddress('198.51.100.1', 5000) } };
const narrowed = told(translating(aliases, { t1b: narrow, t2b: narrow }), from('t1a', there), from('t2a', udp({}, { source: '10.0.0.3' })));
const wide = { nat: { source: toAddress('198.51.100.1') } };
const widened = told(translating(aliases, { t1b: wide, t2b: wide }), from('t1a', there, udp({}, { source: '10.0.0.3' })));
const tunnelled = told(tunnels(1, 257), from('tunl1', there), from('tunl2', coloured(2)));

const everyone = asks({ command: 'dump' });
const listed = told(tenantsInZones(1, 2), from('t1a', there), from('t2a', coloured(2)), from('t1b', back), [everyone]);
/** A datagram of the first tenant is half there when its zone is flushed. */
const flushed = told(
  tenantsInZones(1, 2),
  from('t1a', there, fragmentsOf(coloured(1, { id: 2 }), 2).slice(0, 1)),
  from('t2a', coloured(2)),
  [asks({ command: 'flush', zone: 1 })],
  from('t1a', fragmentsOf(coloured(1, { id: 2 }), 2).slice(1)),
  from('t2b', back),
);
/** Three flows of each of two tenants, and one connection for each zone. */
const flows = [3000, 1000, 4000].map((sourcePort) => udp({ sourcePort }));
const limited = told(limitedTo({ zones: [{ connections: 1 }] }, aliases), from('t1a', there, flows.slice(0, 2)), from('t2a', flows));
const resized = told(tenantsInZones(1, 2), from('t1a', there), [asks({ command: 'resize', buckets: 8 })], from('t1a', there));
const listOf = (change: (connections: readonly Listed[]) => readonly Listed[]): Mistake => ({
  outcome: (outcome) => (outcome.told?.kind === 'list' ? { ...outcome, told: { ...outcome.told, connections: change(outcome.told.connections) } } : outcome),
});
/** Something is done in place of a command. */
const instead = (command: Command['command'], other: Command): Mistake => ({
  event: (event) => (event.kind === 'control' && event.command === command ? { kind: 'control', id: event.id, ...other } : event),
});
/** No fragment that comes after a flush completes anything. */
const forgetsFragments = (): Subject => {
  let over = false;
  return subjectOf({
    outcome: (outcome, event) => {
      over = event.kind === 'control' || (over && event.id > 1);
      return over && event.kind === 'receive' && event.packet.kind === 'ipv4' && isFragment(event.packet) ? { ...outcome, passes: [], left: [] } : outcome;
    },
  });
};

const passesOf = (change: (pass: Outcome['passes'][number]) => Outcome['passes'][number]): Mistake => ({
  outcome: (outcome) => ({ ...outcome, passes: outcome.passes.map(change) }),
});

/** The second session of a subject is not like the first. */
const wearsOut = (): Subject => {
  let sessions = 0;
  const [good, bad] = [subjectOf(), subjectOf(passesOf(() => ({ state: 'untracked' })))];
  return { ...good, open: (network) => (sessions++ === 0 ? good : bad).open(network) };
};

/** Once one packet was no IPv4, nothing is tracked any more. */
const sulks = (): Subject => {
  let sulking = false;
  return subjectOf({
    outcome: (outcome, event) => {
      sulking ||= event.kind === 'receive' && event.packet.kind === 'raw';
      return sulking ? { ...outcome, passes: [] } : outcome;
    },
  });
};

const dies = subjectOf({
  event: (event: Playable) => {
    if (event.kind === 'receive' && event.packet.kind === 'raw') throw new Error('dead');
    return event;
  },
});

/** [law, trace, subject that breaks it, what the breach says] */
const breaches: readonly (readonly [string, Trace, Subject, object])[] = [
  ['identity', conversation, subjectOf(lowByte), { what: 'connection', event: 2, tenant: 2 }],
  ['identity', told(aliases, from('t1a', there), from('t2a', coloured(2))), subjectOf(passesOf((pass) => ('zone' in pass ? { ...pass, state: 'established' } : pass))), { what: 'state', event: 1, tenant: 1 }],
  ['solitude', conversation, subjectOf(lowByte), { what: 'state', tenant: 2, event: 2 }],
  ['solitude', asUsual, subjectOf({ outcome: (outcome, { id }) => (id === 2 ? { ...outcome, left: [...outcome.left, { device: 't1b', pieces: [] }] } : outcome) }), { what: 'left', tenant: 1, event: 2 }],
  ['renaming', told(tenantsInZones(1, 2), from('t1a', there), from('t2b', back), [wait(1), wait(1)]), subjectOf(lowByte), { what: 'state', event: 2 }],
  ['interleaving', told(aliases, from('t1a', there), from('t2b', back), from('t1a', there)), subjectOf(lowByte), { what: 'state' }],
  ['reassembly', pieces, subjectOf({ network: assignedLate }), { what: 'completion', tenant: 2, event: 4 }],
  ['reassembly', pieces, subjectOf({ outcome: (outcome) => ({ ...outcome, left: [] }) }), { what: 'completion', tenant: 1, event: 3 }],
  ['reassembly', pieces, subjectOf({ outcome: (outcome) => ({ ...outcome, left: outcome.left.map((one) => ({ ...one, pieces: one.pieces.toReversed() })) }) }), { what: 'bytes', tenant: 1, event: 3 }],
  ['conservation', told(aliases, from('t1a', fragmentsOf(coloured(1), 2).slice(0, 1)), from('t2a', fragmentsOf(coloured(2), 2).slice(1))), subjectOf(lowByte), { what: 'colour', tenant: 2, event: 2, seen: 'tenant 1, packet 1, block 0' }],
  ['conservation', asUsual, subjectOf({ outcome: (outcome) => ({ ...outcome, left: [...outcome.left, ...outcome.left] }) }), { what: 'colour', expected: 'no more often than it came in' }],
  ['conservation', asUsual, subjectOf({ outcome: (outcome) => ({ ...outcome, left: outcome.left.map((one) => ({ ...one, device: 't1b' })) }) }), { what: 'colour', seen: 'left by t1b', tenant: 2 }],
  ['default-zone', told(tenantsInZones(undefined, 2), from('t1a', there)), subjectOf({ network: (network) => withZones(network, (id) => id || 7) }), { what: 'zone' }],
  ['default-zone', told(tenantsInZones(0, 2), from('t1a', there)), subjectOf({ network: (network) => withZones(network, (id) => id || 7) }), { what: 'zone' }],
  ['representation', asUsual, subjectOf(passesOf((pass) => ('zone' in pass && pass.zone === 0 ? { state: 'untracked' } : pass))), { what: 'state', tenant: 1 }],
  ['counting', limited, subjectOf(lowByte), { what: 'left', tenant: 2, event: 4 }],
  ['counting', limited, subjectOf({ network: (network) => (network.limits ? { ...network, limits: { zones: [{ connections: 2 }] } } : network) }), { what: 'left', tenant: 1, expected: 'dropped: zone 1 has 1 connections' }],
  ['counting', limited, subjectOf({ network: (network) => (network.limits ? { ...network, limits: { counters: [{ devices: ['t1a', 't2a'], most: 1, counts: 'all-zones' }] } } : network) }), { what: 'left', tenant: 2 }],
  ['clock', told(tenantsInZones(1), from('t1a', there), [wait(29)], from('t1a', there)), subjectOf({ event: (event) => (event.kind === 'advance' ? { ...event, milliseconds: Math.ceil(event.milliseconds / 10_000) * 10_000 - 1000 } : event) }), { what: 'connection', event: 3 }],
  ['clock', conversation, subjectOf(lowByte), { what: 'state', tenant: 2 }],
  ['reply-symmetry', asUsual, subjectOf(passesOf((pass) => ('direction' in pass ? { ...pass, direction: 'original' } : pass))), { what: 'direction', event: 1 }],
  ['reply-symmetry', asUsual, subjectOf(passesOf((pass) => ('zone' in pass ? { ...pass, state: 'new' } : pass))), { what: 'state', event: 1 }],
  ['one-owner', listed, subjectOf(listOf((connections) => connections.map((one) => ({ ...one, zone: 0 })))), { what: 'list', event: 4 }],
  ['one-owner', told(tenantsInZones(1, 2), from('t1a', there), [everyone], from('t1b', back)), subjectOf(passesOf((pass) => ('connection' in pass && pass.direction === 'reply' ? { ...pass, connection: 9 } : pass))), { what: 'connection', event: 3 }],
  ['one-owner', told(tenantsInZones(1, 2), from('t1a', there), [everyone], from('t1b', back)), subjectOf(passesOf((pass) => ('connection' in pass ? { ...pass, direction: 'original' } : pass))), { what: 'direction', event: 3 }],
  ['constancy', listed, subjectOf(listOf((connections) => connections.map((one) => ({ ...one, seenReply: false })))), { what: 'list', event: 4, expected: 'seen-reply, as before' }],
  ['constancy', listed, subjectOf(listOf((connections) => connections.map((one) => ({ ...one, zone: 7 })))), { what: 'zone', event: 4 }],
  ['control', flushed, subjectOf(instead('flush', { command: 'flush' })), { what: 'state', event: 6, tenant: 2 }],
  ['control', flushed, forgetsFragments(), { what: 'completion', event: 5, seen: 'no datagram is complete' }],
  ['control', told(tenantsInZones(1, 2), from('t1a', there), [asks({ command: 'flush', zone: 1 })], from('t1a', there)), subjectOf(instead('flush', { command: 'resize', buckets: 1 })), { what: 'connection', event: 3 }],
  ['control', told(tenantsInZones(1, 2), from('t1a', there), [asks({ command: 'delete', tuple: tupleOfUdp(there), zone: zone(1) })], from('t1a', there)), subjectOf({ ...instead('delete', { command: 'resize', buckets: 1 }) }), { what: 'connection', event: 3 }],
  ['control', resized, subjectOf(instead('resize', { command: 'flush' })), { what: 'connection', event: 3 }],
  ['control', told(tenantsInZones(1, 2), from('t1a', there), from('t2a', coloured(2)), [asks({ command: 'dump', zone: 1 })]), subjectOf(instead('dump', { command: 'dump' })), { what: 'list', event: 3, expected: 'connections of zone 1 only' }],
  ['relatedness', toldOfErrors, subjectOf(lowByte), { what: 'connection', tenant: 2, event: 4, seen: "tenant 1's connection" }],
  ['relatedness', toldOfErrors, subjectOf(passesOf((pass) => (pass.state === 'related' ? { ...pass, connection: 9 } : pass))), { what: 'connection', tenant: 1, event: 3, seen: 'a connection that nobody made' }],
  ['translation', narrowed, subjectOf(lowByte), { what: 'translation', tenant: 2, event: 2, seen: 'dropped' }],
  ['translation', widened, subjectOf(passesOf((pass) => ('bound' in pass && pass.bound ? { ...pass, bound: { ...pass.bound, reply: tupleOfUdp(back) } } : pass))), { what: 'translation', tenant: 1, event: 2 }],
  ['tunnels', tunnelled, subjectOf(lowByte), { what: 'left', tenant: 2, event: 4, seen: 'left by tunl1' }],
  ['tunnels', tunnelled, subjectOf({ outcome: (outcome, { id }) => (id > 2 ? { ...outcome, left: [] } : outcome) }), { what: 'left', tenant: 1, event: 3, seen: 'nothing left' }],
  ['robustness', told(tenantsInZones(1, 2), ...Array.from({ length: 9 }, () => from('t1a', there))), dies, { what: 'crash', event: 5, expected: 'an outcome for garbage made of this packet', seen: 'dead' }],
  ['robustness', told(tenantsInZones(1, 2), ...Array.from({ length: 40 }, () => from('t1a', there)), from('t2a', coloured(2))), sulks(), { what: 'passes', tenant: 2 }],
  ['determinism', asUsual, wearsOut(), { what: 'state', event: 1 }],
];

describe('a mistake breaks the law, and the model keeps it', () => {
  for (const [id, trace, broken, expected] of breaches) {
    test(id, async () => {
      const verdict = await check(id, broken, trace);
      expect(verdict).toMatchObject({ kind: 'violated', breach: expected });
      // Half a datagram of each tenant and a stream of one tell nothing of a subject that keeps the law.
      expect((await check(id, subjectOf(), trace)).kind).toMatch(/held|premise not met/);
    });
  }
});

test('each law holds of the model on a trace that says something about it', async () => {
  const zoneZero = told(tenantsInZones(0, undefined), from('t1a', there), from('t2a', coloured(2)));
  for (const law of laws) {
    const trace = { reassembly: pieces, clock: conversation, 'default-zone': zoneZero, interleaving: pieces, relatedness: toldOfErrors, 'one-owner': listed, constancy: listed, control: flushed, counting: limited, translation: narrowed, tunnels: tunnelled }[law.id] ?? asUsual;
    expect([law.id, (await law.check(subjectOf(), trace)).kind]).toEqual([law.id, 'held']);
  }
});

test('a trace without events says nothing; refinement compares whatever there is', async () => {
  const empty = told(tenantsInZones(1, 2));
  for (const law of laws.filter(({ id }) => id !== 'refinement')) expect([law.id, await law.check(subjectOf(), empty)]).toEqual([law.id, premiseNotMet]);
});

test('equal bytes say nothing about conservation, and neither do bytes in colours of others', async () => {
  expect(await check('conservation', subjectOf(), told(aliases, from('t1a', udp({ payload: '00'.repeat(8) }))))).toEqual(premiseNotMet);
  expect(await check('conservation', subjectOf(), told(aliases, from('t1a', coloured(2))))).toEqual(premiseNotMet);
});

test('a masqueraded connection that moved is no more, so another one may have its reply', async () => {
  const network = translating(tenantsInZones(1, 2), { t1b: { address: '198.51.100.7', nat: { source: { to: 'own' } } } });
  const moved = told(network, from('t1a', there), from('t1b', there), from('t1a', there));
  expect((await run(subjectOf(), moved)).map(({ left }) => left.length)).toEqual([1, 0, 1]);
  expect(await check('translation', subjectOf(), moved)).toEqual({ kind: 'held' });
});

test('ports and a tag that look like a colour are none', async () => {
  // Behind a header with options they stand where a block would.
  const opening = from('t1a', sctp(0, ['0100001400000001000010000001000100000001'], { sourcePort: 65_535, destinationPort: 65_535 }, { options: '8804002a' }));
  const quoted = told(translating(tenantsInZones(1, 2), { t1b: { nat: { source: toAddress('198.51.100.1', 53) } } }), opening, errorsTo(opening), from('t2a', coloured(2)));
  expect(await check('conservation', subjectOf(), quoted)).toEqual({ kind: 'held' });
});

test('the answer to an ICMP request is known for one, and equal requests of two tenants are two', async () => {
  const pings = told(aliases, from('t1a', icmp()), from('t2a', icmp()));
  for (const law of ['reply-symmetry', 'identity']) expect([law, await check(law, subjectOf(), pings)]).toEqual([law, { kind: 'held' }]);
  expect((await check('identity', subjectOf(lowByte), pings)).kind).toBe('violated');
});

test('a subject without labels is still judged by its states', async () => {
  const capabilities = { labels: false };
  expect((await check('identity', subjectOf({ ...lowByte, capabilities }), conversation)).kind).toBe('violated');
});

test('an answer that has nothing to answer does not count', async () => {
  const dead = from('t1a', coloured(1, { ttl: 1 }));
  expect(await check('reply-symmetry', subjectOf(), told(aliases, dead, answersTo(dead)))).toEqual(premiseNotMet);
});

test('ids are unique, sentences are sentences, and each law has a canary', () => {
  expect(new Set(laws.map((law) => law.id)).size).toBe(laws.length);
  for (const law of laws) {
    expect(law.sentence).toMatch(/^[A-Z].*\.$/);
    expect(law.canaries.length).toBeGreaterThan(0);
    expect(new Set(law.canaries.map((canary) => canary.id)).size).toBe(law.canaries.length);
  }
});

const generated = Array.from({ length: 400 }, (_, index) => traceFor(7, index, CAPABILITIES));

test('the model keeps every law on generated traces, and each law has its premise met', async () => {
  const subject = subjectOf();
  const met = new Map(laws.map((law) => [law.id, 0]));
  for (const trace of generated) {
    for (const law of laws) {
      if (law.boundary(trace) !== true) continue;
      const verdict = await law.check(subject, trace);
      if (verdict.kind === 'violated') expect([law.id, trace, verdict.breach]).toBeUndefined();
      if (verdict.kind === 'held') met.set(law.id, (met.get(law.id) ?? 0) + 1);
    }
  }
  for (const [id, count] of met) expect([id, count > 2]).toEqual([id, true]);
});

describe('each canary fits the model and is found on generated traces', () => {
  for (const law of laws) {
    for (const canary of law.canaries) {
      test(`${law.id}: ${canary.id}`, async () => {
        expect(canary.fits(CAPABILITIES)).toBe(true);
        const subject = subjectOf();
        for (const trace of generated) {
          if (law.boundary(trace) === true && (await canary.check(subject, trace)).kind === 'violated') return;
        }
        expect('a violation').toBe('found');
      });
    }
  }
});

test('a canary that a subject cannot play does not fit, and says nothing there', async () => {
  const subject = subjectOf({ capabilities: { excludes: ({ network }) => (network.fragments.distance > 0 ? 'no distance here' : undefined) } });
  const distance = lawOf('solitude').canaries.find((canary) => canary.id === 'distance-2')!;
  expect(distance.fits(subject.capabilities)).toBe(false);
  expect(await distance.check(subject, pieces)).toEqual(premiseNotMet);
  const throwing = lawOf('robustness').canaries.find((canary) => canary.id === 'throws')!;
  expect(throwing.fits({ ...CAPABILITIES, rawBytes: false })).toBe(false);
});
