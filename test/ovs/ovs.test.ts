/**
 * Open vSwitch as a subject: what its adapter sees, and that nothing outlives it.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { transportLength } from '../../spec/wire/transport.ts';
import { lengthOf, type Packet } from '../../spec/trace/packet.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Network } from '../../spec/trace/network.ts';
import { ENDS, ENDS6, helped, lines as announcements, opening, talk } from '../../properties/ftp.ts';
import { run } from '../../properties/run.ts';
import type { Subject } from '../../properties/subject.ts';
import { answersTo, asks, BACK, fragmentsOf, from, icmp6, scenario, tenantsInZones, toAddress, translating, tupleOfUdp, udp, udp6, wait, type Word, zone } from '../../properties/words.ts';
import { openOvs, probeOvs, Unavailable } from '../../src/subjects/ovs/index.ts';
import { HOMES } from '../../src/subjects/ovs/daemon.ts';
import { ovsOr } from './ovs.ts';

const TWO = tenantsInZones(1, 2);
const answer = udp({ sourcePort: 2000, destinationPort: 1000 }, BACK);
const thirds = fragmentsOf(udp({ payload: '00'.repeat(1200) }, { id: 7 }), 3);
const [a, b, c] = [thirds[0]!, thirds[1]!, thirds[2]!];

const sizeOf = (packet: Packet): number => (packet.kind === 'raw' ? lengthOf(packet.bytes) : transportLength(packet.payload));
const line = ({ passes, left, told }: Outcome): string => {
  if (told) return told.kind === 'refused' ? told.why : told.kind;
  const seen = passes.map((pass) => ('zone' in pass ? `${pass.state} ${pass.direction} zone ${pass.zone} #${pass.connection}` : pass.state));
  return `${seen.join(' ') || 'nothing'}, ${left.map(({ device, pieces }) => `${device} ${pieces.map(sizeOf).join('+')}`).join(' ') || 'nothing left'}`;
};
const lines = async (ovs: Subject, network: Network, ...words: readonly (readonly Word[])[]): Promise<string[]> =>
  (await run(ovs, scenario({ shows: '', network, events: words.flat() }))).map(line);

test('equal tuples of two zones are two connections, and replies find theirs', async ({ skip }) => {
  expect(await lines(ovsOr(skip), TWO, from('t1a', udp()), from('t2a', udp()), from('t2b', answer), from('t1a', udp()), from('t2a', udp()))).toEqual([
    'new original zone 1 #1, t1b 8',
    'new original zone 2 #2, t2b 8',
    'established reply zone 2 #2, t2a 8',
    'new original zone 1 #1, t1b 8',
    'established original zone 2 #2, t2b 8',
  ]);
});

test('any zone id, none, and both versions of IP', async ({ skip }) => {
  const seen = await lines(ovsOr(skip), tenantsInZones(65_535, 257, undefined, 0), ...[1, 2, 3, 4].flatMap((n) => [from(`t${n}a`, udp()), from(`t${n}a`, icmp6())]));
  expect(seen.map((text) => /zone \d+ #\d/.exec(text)?.[0])).toEqual(['zone 65535 #1', 'zone 65535 #2', 'zone 257 #3', 'zone 257 #4', 'zone 0 #5', 'zone 0 #6', 'zone 0 #5', 'zone 0 #6']);
});

const later = (milliseconds: number): readonly Word[] => [{ kind: 'advance', milliseconds }];

test('a connection lives until its timeout, exactly', async ({ skip }) => {
  const seen = await lines(ovsOr(skip), TWO, from('t1a', udp6()), later(59_999), from('t1a', udp6()), later(59_999), later(1), from('t1a', udp6()));
  expect(seen.filter((text) => text.startsWith('new'))).toEqual(['new original zone 1 #1, t1b 8', 'new original zone 1 #1, t1b 8', 'new original zone 1 #3, t1b 8']);
});

test('pieces leave when the last has come, by offset, at its event', async ({ skip }) => {
  const seen = await lines(ovsOr(skip), TWO, from('t1a', c), from('t2a', b), from('t1a', a), from('t1b', b), from('t1a', udp()));
  expect(seen).toEqual(['nothing, nothing left', 'nothing, nothing left', 'nothing, nothing left', 'new original zone 1 #1, t1a 400+400+408', 'new original zone 1 #1, t1b 8']);
});

test('no fragment of one session waits in the next, nor does a connection', async ({ skip }) => {
  const ovs = ovsOr(skip);
  for (let round = 0; round < 3; round += 1) {
    expect(await lines(ovs, TWO, from('t1a', a, b), from('t2a', udp()))).toEqual(['nothing, nothing left', 'nothing, nothing left', 'new original zone 2 #3, t2b 8']);
    expect(await lines(ovs, TWO, from('t1a', c))).toEqual(['nothing, nothing left']);
  }
});

test('a flush and a deletion reach their zone, and say whether there was anything', async ({ skip }) => {
  const named = { command: 'delete', tuple: tupleOfUdp(udp()), zone: zone(2) } as const;
  const seen = await lines(ovsOr(skip), TWO, from('t1a', udp()), from('t2a', udp()), [asks(named), asks(named), asks({ command: 'flush', zone: 2 })], from('t1a', udp()));
  expect(seen.slice(2)).toEqual(['done', 'missing', 'done', 'new original zone 1 #1, t1b 8']);
});

test('a connection is translated by the path that its first packet takes; where nothing is left, it leaves as it came', async ({ skip }) => {
  const network = translating(TWO, { t1b: { nat: { source: toAddress('198.51.100.1', 5000, 5001) } }, t2b: { nat: { source: toAddress('198.51.100.1') } } });
  const flows = [1, 2, 3].map((sourcePort) => udp({ sourcePort }));
  const first = from('t2a', udp());
  const seen = await run(ovsOr(skip), scenario({ shows: '', network, events: [...from('t1a', ...flows), ...first, ...answersTo(first)] }));
  const ends = seen.map(({ passes: [pass], left: [departure] }) => {
    const piece = departure?.pieces[0];
    return [pass?.state, pass && 'bound' in pass && pass.bound ? 'bound' : 'not bound', piece && 'source' in piece ? `${piece.source} > ${piece.destination}` : undefined];
  });
  expect(ends).toEqual([
    ['new', 'bound', '198.51.100.1 > 10.0.0.2'],
    ['new', 'bound', '198.51.100.1 > 10.0.0.2'],
    ['new', 'not bound', '10.0.0.1 > 10.0.0.2'],
    ['new', 'bound', '198.51.100.1 > 10.0.0.2'],
    ['established', 'not bound', '10.0.0.2 > 10.0.0.1'],
  ]);
  expect(seen[3]?.passes[0]).toMatchObject({ bound: { original: { source: '10.0.0.1', sourcePort: 1000 }, reply: { destination: '198.51.100.1', destinationPort: 1000 } } });
});

test('both versions of IP are translated, each as its path says, and a datagram in pieces too', async ({ skip }) => {
  const to6 = { source: toAddress('2001:db8::1', 5000) };
  const network = translating(TWO, { t1b: { nat: { source: toAddress('198.51.100.1') }, nat6: to6 }, t2a: { nat6: { destination: toAddress('fd00::9') } } });
  const first = [...from('t1a', udp6()), ...from('t2a', udp6())];
  const pieces = fragmentsOf(udp6({ sourcePort: 7, payload: '00'.repeat(800) }, { source: 'fd00::3' }), 2);
  const seen = await run(ovsOr(skip), scenario({ shows: '', network, events: [...from('t1a', udp()), ...first, ...answersTo(first), ...from('t2a', ...pieces)] }));
  expect(seen.map(({ passes: [pass], left }) => [pass?.state, ...left.map(({ pieces: [piece] }) => piece && 'source' in piece && `${piece.source} > ${piece.destination}`)])).toEqual([
    ['new', '198.51.100.1 > 10.0.0.2'],
    ['new', '2001:db8::1 > fd00::2'],
    ['new', 'fd00::1 > fd00::9'],
    ['established', 'fd00::2 > fd00::1'],
    ['established', 'fd00::2 > fd00::1'],
    [undefined],
    ['new', 'fd00::3 > fd00::9'],
  ]);
  const bounds = seen.map(({ passes: [pass] }) => pass && 'bound' in pass && pass.bound?.reply);
  expect(bounds[1]).toMatchObject({ destination: '2001:db8::1', destinationPort: 5000 });
  expect(bounds[6]).toMatchObject({ source: 'fd00::9', destinationPort: 7 });
});

test.for([
  ['PORT', ENDS],
  ['EPRT', ENDS6],
] as const)('what %s announces is related in its own zone, and nowhere else', async ([command, ends], { skip }) => {
  const said = announcements[command](ends.client, 2000);
  const other = { ...ends, tenant: 2 };
  const events = [...talk(ends, ['server', '220 a\r\n'], ['client', said]), ...talk(other), ...opening(other, 'server', 20, 2000), ...opening(ends, 'server', 20, 2000)];
  const seen = await run(ovsOr(skip), scenario({ shows: '', network: helped(TWO), events }));
  expect(seen.slice(-2).map(({ passes: [pass] }) => pass)).toMatchObject([
    { state: 'new', zone: 2 },
    { state: 'related', zone: 1, connection: 1 },
  ]);
});

test('what cannot be played is declared', ({ skip }) => {
  const { excludes } = ovsOr(skip).capabilities;
  const of = (network: Network, ...words: readonly Word[]) => excludes(scenario({ shows: '', network, events: words }));
  expect(of(TWO, ...from('t1a', udp()))).toBeUndefined();
  expect(of(TWO, wait(1))).toContain('timeouts');
  expect(of({ ...TWO, fragments: { distance: 64, memoryBytes: 0 } })).toContain('distance');
  expect(of(TWO, asks({ command: 'resize', buckets: 8 }))).toContain('the command resize');
  expect(of(TWO, ...from('t1a', udp({ payload: '00'.repeat(65_500) })))).toContain('OpenFlow');
});

test('the probe passes all its steps, in order', async ({ skip }) => {
  ovsOr(skip);
  expect((await probeOvs()).map(({ name, ok }) => [name, ok])).toEqual(['platform', 'setpriv', 'Open vSwitch', 'one tuple, two zones, two entries'].map((name) => [name, true]));
});

test('where there is none, the probe says so, and so does opening', async () => {
  const steps = await probeOvs({ root: '/nowhere' });
  expect(steps.find(({ name }) => name === 'Open vSwitch')).toMatchObject({ ok: false, detail: expect.stringContaining('in /nowhere') });
  await expect(openOvs({ root: '/nowhere' })).rejects.toThrow(Unavailable);
});

test('a run that is killed takes its daemons with it, and the next run its directory', async ({ skip }) => {
  ovsOr(skip);
  const script = "import { openOvs } from './dist/src/subjects/ovs/index.js'; await openOvs(); console.log('open'); setInterval(() => {}, 1000);";
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: new URL('../..', import.meta.url), stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const own = directories().find((name) => name.startsWith(`zoneproof-ovs-${child.pid}-`)) ?? 'none';
  expect(daemonsIn(own)).toBe(2);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  for (let tries = 0; tries < 100 && daemonsIn(own) > 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(daemonsIn(own)).toBe(0);
  await (await openOvs()).close();
  expect(directories()).not.toContain(own);
});

/** The daemons whose directory this is. */
const daemonsIn = (directory: string): number =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(directory)).length;

const directories = (): readonly string[] => readdirSync(HOMES).filter((name) => name.startsWith('zoneproof-ovs-'));

test('a daemon that dies is a crash of its trace, and the next session has another one; closed, nothing is left', async ({ skip }) => {
  ovsOr(skip);
  const before = new Set(directories());
  const ovs = await openOvs();
  const [own = ''] = directories().filter((name) => !before.has(name));
  expect(daemonsIn(own)).toBe(2);
  const session = await ovs.open(TWO);
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const commandLine = existsSync(`/proc/${name}/cmdline`) ? readFileSync(`/proc/${name}/cmdline`, 'latin1') : '';
    if (commandLine.includes(own) && commandLine.includes('ovs-vswitchd')) process.kill(Number(name), 'SIGKILL');
  }
  await expect(session.feed([{ kind: 'receive', id: 1, device: 't1a', packet: udp() }])).rejects.toThrow('ovs-vswitchd ended by SIGKILL');
  expect(await lines(ovs, TWO, from('t1a', udp()))).toEqual(['new original zone 1 #1, t1b 8']);
  await ovs.close();
  expect(daemonsIn(own)).toBe(0);
  expect(directories()).not.toContain(own);
});
