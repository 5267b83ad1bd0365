/** Terrains: what the laws find on machines that nobody tuned, and by which of their settings. */
import { expect, test } from 'vitest';
import type { Trace } from '../spec/trace/trace.ts';
import type { ZoneRule } from '../spec/trace/network.ts';
import { colouredPayload } from './colours.ts';
import { CAPABILITIES, subjectOf } from './fakes.ts';
import { traceFor } from './generate/index.ts';
import { laws } from './laws/index.ts';
import { onTerrain } from './terrain.ts';
import { asks, BACK, fragmentsOf, from, fromMark, inZone, iptables, late, marked, nft, scenario, tenantsUnder, udp, type Word } from './words.ts';

const LATE = 'zones are assigned after defragmentation';
const UNSEEN = 'zones are assigned in a way that defragmentation does not see';
const DIRECTED = 'a zone counts in one direction only';

/** What a law says of a trace on the terrain, and why it may. */
const shipped = async (id: string, trace: Trace): Promise<string | undefined> => {
  const law = onTerrain(laws.find((candidate) => candidate.id === id)!, 'shipped');
  expect(law.boundary(trace)).toBe(true);
  const verdict = await law.check(subjectOf(), trace);
  return verdict.kind === 'violated' ? verdict.breach.beyond : verdict.kind;
};

const told = (rulesOf: (id: number) => readonly ZoneRule[], ...events: readonly (readonly Word[])[]): Trace =>
  scenario({ shows: 'a test', network: tenantsUnder(rulesOf(1), rulesOf(2)), events: events.flat() });

const packet = (tenant: number) => udp({ payload: colouredPayload(tenant, 1, 24), checksum: 'none' });
const torn = [from('t1a', fragmentsOf(packet(1), 2).slice(0, 1)), from('t2a', fragmentsOf(packet(2), 2).slice(1))];
const reply = udp({ sourcePort: 2000, destinationPort: 1000 }, BACK);

const original = (id: number) => nft(inZone(id, 'original'));
const byReply = (id: number) => nft(inZone(id, 'reply'));
const byMark = (id: number) => [...nft(marked(id)), ...iptables(fromMark)];

test.each([
  ['reassembly', 'late zones', late(nft(inZone(1))), late(nft(inZone(2))), LATE],
  ['reassembly', 'zones from marks', byMark(1), byMark(2), UNSEEN],
  ['conservation', 'zones from marks', byMark(1), byMark(2), UNSEEN],
  ['solitude', 'zones from marks', byMark(1), byMark(2), UNSEEN],
  ['reassembly', 'zones for replies', byReply(1), byReply(2), DIRECTED],
  ['reassembly', 'zones from marks of nft', [...nft(marked(1), fromMark)], [...nft(marked(2), fromMark)], 'premise not met'],
  ['solitude', 'zones from marks of nft', [...nft(marked(1), fromMark)], [...nft(marked(2), fromMark)], 'held'],
])('%s, fragments of two tenants under %s', async (id, _, one, other, why) => {
  expect(await shipped(id, told((tenant) => (tenant === 1 ? one : other), ...torn))).toBe(why);
});

test('where zones count in one direction, laws of isolation break by design', async () => {
  const sent = from('t1a', packet(1));
  // The first one's replies are in zone 0, and so are those that the second one sends.
  expect(await shipped('identity', told(original, sent, from('t2b', reply)))).toBe(DIRECTED);
  // Its equal flow has the same reply.
  expect(await shipped('solitude', told(original, sent, from('t2a', packet(2))))).toBe(DIRECTED);
  expect(await shipped('interleaving', told(original, from('t2a', packet(2)), sent))).toBe(DIRECTED);
  // What counts in the reply direction only is one flow on the way out.
  expect(await shipped('solitude', told(byReply, sent, from('t2a', packet(2))))).toBe(DIRECTED);
});

test('one tuple has two owners in zone 0, where zones count in different directions', async () => {
  const law = laws.find(({ id }) => id === 'one-owner')!;
  const trace = told((tenant) => (tenant === 1 ? original(7) : byReply(8)), from('t1a', packet(1)), from('t2a', reply), [asks({ command: 'dump' })]);
  expect(law.boundary(trace)).toBe(DIRECTED);
  expect(await law.check(subjectOf(), trace)).toMatchObject({ kind: 'violated', breach: { what: 'list' } });
});

test('the generated terrain has a witness for each of these settings', async () => {
  const found = new Set<string | undefined>();
  for (let index = 0; index < 1200 && ![LATE, UNSEEN, DIRECTED].every((setting) => found.has(setting)); index += 1) {
    const trace = traceFor(4, index, CAPABILITIES, 'shipped');
    for (const id of ['solitude', 'reassembly']) {
      const law = onTerrain(laws.find((candidate) => candidate.id === id)!, 'shipped');
      if (law.boundary(trace) !== true) continue;
      const verdict = await law.check(subjectOf(), trace);
      if (verdict.kind === 'violated') found.add(verdict.breach.beyond);
    }
  }
  expect([...found]).toEqual(expect.arrayContaining([LATE, UNSEEN, DIRECTED]));
});
