/** Faults: each breaks what it says, and nothing before that. */
import { expect, test } from 'vitest';
import { subjectOf } from './fakes.ts';
import { forgetsToReset, throwsOn } from './faults.ts';
import { garbage, waysToGarble } from './garbage.ts';
import { runFresh } from './run.ts';
import { from, scenario, tenantsInZones, udp, udp6 } from './words.ts';

const trace = scenario({ shows: '', network: tenantsInZones(1), events: from('t1a', udp()) });

test('a subject that forgets to reset goes on with the connections it had, and closes when it is closed', async () => {
  let closed = 0;
  const subject = subjectOf();
  const faulty = forgetsToReset({
    ...subject,
    open: async (network) => ({ ...(await subject.open(network)), close: () => void (closed += 1) }),
  });
  const label = async () => (await runFresh(faulty, trace))[0]?.passes[0];
  expect(await label()).toEqual(await label());
  expect((await runFresh(subjectOf(), trace))[0]?.passes[0]).toMatchObject({ connection: 1 });
  expect(closed).toBe(0);
  await faulty.close();
  expect(closed).toBe(1);
});

test('a subject throws on the packets that are fatal to it, and on no others', async () => {
  const faulty = throwsOn(subjectOf(), (packet) => packet.kind === 'ipv4' && packet.ttl === 3);
  expect((await runFresh(faulty, trace)).length).toBe(1);
  const fatal = scenario({ shows: '', network: trace.network, events: from('t1a', udp({}, { ttl: 3 })) });
  await expect(runFresh(faulty, fatal)).rejects.toThrow('a fault on purpose, at event 1');
});

test('garbage comes in as many kinds as it says, and from raw bytes it is raw', () => {
  for (const packet of [udp({ payload: '00'.repeat(16) }), udp6({ payload: '00'.repeat(16) })]) {
    const ways = waysToGarble(packet.kind);
    const kinds = Array.from({ length: ways }, (_, number) => JSON.stringify(garbage(packet, number)));
    expect(new Set(kinds).size).toBe(ways);
    expect(garbage(packet, ways)).toEqual(garbage(packet, 0));
  }
  for (let number = 0; number < waysToGarble('ipv4'); number += 1) {
    expect(garbage({ kind: 'raw', bytes: '45', why: 'short' }, number).kind).toBe('raw');
  }
});
