/** Known findings: recognised by their cause and by nothing else, counted, and asked to show again. */
import { expect, test } from 'vitest';
import { subjectOf, type Mistake } from '../../properties/fakes.ts';
import { type Check, held, type Law, violated } from '../../properties/law.ts';
import type { Pattern } from '../../properties/pattern.ts';
import { solitude } from '../../properties/laws/solitude.ts';
import { onTerrain } from '../../properties/terrain.ts';
import { assignedLate, devicesOf, fragmentsOf, from, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';
import { plainPaint } from '../report/table.ts';
import { jsonlLines } from '../report/jsonl.ts';
import { reportLines } from '../report/run-report.ts';
import type { Trace } from '../../spec/index.ts';
import { judge } from './judge.ts';
import { kitOf, lawOf, localPool, planOf } from './fakes.ts';
import { appliesTo, type Finding } from './finding.ts';
import { recognise, showsAgain } from './known.ts';
import { summarise } from './summary.ts';
import { verify } from './verify.ts';

const [a] = devicesOf(1);
const [b] = devicesOf(2);
const ordinary = udp({ sourcePort: 1000 });
const marked = (ttl: number) => udp({ sourcePort: 1000 }, { ttl });
const traceOf = (...events: Parameters<typeof scenario>[0]['events']): Trace => scenario({ shows: 'A test.', network: tenantsInZones(1, 2), events });

/** Broken by a packet with this ttl, at the first. */
const breaks =
  (...ttls: readonly number[]): Check =>
  (_, { events }) => {
    const bad = events.find((event) => event.kind === 'receive' && event.packet.kind === 'ipv4' && ttls.includes(event.packet.ttl));
    return bad ? violated({ what: 'state', event: bad.id, expected: 'good', seen: 'bad' }) : held;
  };

const withTtl = (ttl: number): Pattern => ({ kind: 'receive', packet: { ttl } });

const findingOf = (ttl: number, parts: Partial<Finding> = {}): Finding => ({
  id: `ttl-${ttl}`,
  title: `Time to live ${ttl}.`,
  engine: 'fake',
  versions: {},
  breaks: { law: 'fake-law', terrain: 'apart', what: 'state', event: 1 },
  recognise: { laws: ['fake-law'], breach: { what: 'state' }, remedies: [{ without: withTtl(ttl) }], enough: { reduced: [withTtl(ttl)] } },
  story: { text: ['x'], avoid: 'x', upstream: 'x', found: 'x' },
  trace: traceOf(...from(a, marked(ttl))),
  ...parts,
});

const law = lawOf({ check: breaks(7, 8, 9) });
const kitWith = (known: readonly Finding[], laws: readonly Law[] = [law], mistake: Mistake = {}) => kitOf(laws, { known, mistake });

const recognised = async (trace: Trace, known: readonly Finding[]) => {
  const verdict = await law.check(subjectOf(), trace);
  return verdict.kind === 'violated' ? recognise(kitWith(known), law, trace, verdict.breach) : 'held';
};

test('a violation is known if without its cause the law is kept', async () => {
  const known = [findingOf(7), findingOf(8)];
  expect(await recognised(traceOf(...from(a, ordinary, marked(7))), known)).toEqual(['ttl-7']);
  expect(await recognised(traceOf(...from(a, ordinary, marked(8)), wait(1), ...from(b, marked(8))), known)).toEqual(['ttl-8']);
});

test('a cause may be enough by itself, whatever else happens', async () => {
  const { recognise: said } = findingOf(7);
  const known = [findingOf(7, { recognise: { ...said, enough: { only: withTtl(7) } } })];
  expect(await recognised(traceOf(...from(a, ordinary, marked(7)), wait(1), ...from(b, marked(7))), known)).toEqual(['ttl-7']);
});

test('what shows by chance is known if it shows in one of the tries', async () => {
  const { recognise: said } = findingOf(7);
  const trace = traceOf(...from(a, ordinary, marked(7)));
  const triedWith = (tries: number) => {
    let shown = 0;
    const known = [findingOf(7, { recognise: { ...said, enough: { only: withTtl(7), tries } } })];
    // Of three times that its cause is met, it shows at the last.
    const moody = lawOf({ check: async (subject, met) => ((await breaks(7)(subject, met)).kind === 'violated' && (shown += 1) % 3 !== 0 ? held : breaks(7)(subject, met)) });
    return recognise(kitWith(known, [moody]), moody, trace, { what: 'state', event: 2, expected: 'good', seen: 'bad' });
  };
  expect(await triedWith(3)).toEqual(['ttl-7']);
  expect(await triedWith(2)).toBeUndefined();
});

test('what has to come together is known where each of it alone is not enough', async () => {
  const { recognise: said } = findingOf(7);
  const both = findingOf(7, { recognise: { ...said, remedies: [{ without: withTtl(7) }, { without: { kind: 'advance' } }], enough: { only: [withTtl(7), { kind: 'advance' }], least: 2 } } });
  const patient = lawOf({ check: (subject, trace) => (trace.events.some(({ kind }) => kind === 'advance') ? breaks(7)(subject, trace) : held) });
  const trace = traceOf(wait(1), ...from(a, ordinary, marked(7)));
  const verdict = await patient.check(subjectOf(), trace);
  if (verdict.kind !== 'violated') throw new Error('the law was kept');
  expect(await recognise(kitWith([both], [patient]), patient, trace, verdict.breach)).toEqual(['ttl-7']);
  // Without time it breaks too, so that something else is wrong.
  expect(await recognise(kitWith([both]), law, trace, verdict.breach)).toBeUndefined();
  const more = { ...both, recognise: { ...both.recognise, enough: { only: [withTtl(7), { kind: 'advance' }], least: 3 } } };
  expect(await recognise(kitWith([more], [patient]), patient, trace, verdict.breach)).toBeUndefined();
});

test('a remedy is not taken where a law plays of its own what it takes away, and there has to be another', async () => {
  const { recognise: said } = findingOf(7);
  const without = { without: withTtl(7) };
  // Of this one nothing is in the trace.
  const own = { without: withTtl(5), except: ['fake-law'] };
  const [excepted, alone, elsewhere] = [[without, own], [own], [without, { ...own, except: ['solitude'] }]].map((remedies) => [findingOf(7, { recognise: { ...said, remedies } })]);
  const trace = traceOf(...from(a, marked(7)));
  expect(await recognised(trace, excepted ?? [])).toEqual(['ttl-7']);
  expect(await recognised(trace, alone ?? [])).toBeUndefined();
  expect(await recognised(trace, elsewhere ?? [])).toBeUndefined();
});

test('two known causes in one trace are both found', async () => {
  const both = traceOf(...from(a, marked(8)), ...from(b, marked(7)));
  expect(new Set(await recognised(both, [findingOf(7, enoughAs(8)), findingOf(8)]))).toEqual(new Set(['ttl-7', 'ttl-8']));
});

/** Says that the event that a trace comes down to may have another ttl too. */
const enoughAs = (ttl: number): Partial<Finding> => {
  const { recognise: said } = findingOf(7);
  return { recognise: { ...said, enough: { reduced: [[withTtl(7), withTtl(ttl)]] } } };
};

test('a new cause is never hidden by a known one beside it', async () => {
  const known = [findingOf(7), findingOf(8)];
  expect(await recognised(traceOf(...from(a, marked(9))), known)).toBeUndefined();
  expect(await recognised(traceOf(...from(a, marked(7), marked(9))), known)).toBeUndefined();
  expect(await recognised(traceOf(...from(a, marked(7), marked(8), marked(9))), known)).toBeUndefined();
});

test('where a subject counts a budget in its own way, its cause is known by how both break the law without one', async () => {
  const { recognise: said } = findingOf(7);
  const known = [findingOf(7, { recognise: { ...said, enough: 'the-model-breaks-it-alike' } })];
  /** Of what breaks it, the subject meets the last where there is a budget, and the model the first. */
  const late = lawOf({
    check: (subject, { events, network }) => {
      const bad = events.filter((event) => event.kind === 'receive' && event.packet.kind === 'ipv4' && (event.packet.ttl === 7 || (event.packet.ttl === 8 && network.fragments.memoryBytes > 0)));
      const met = subject.name === 'fake' && network.fragments.memoryBytes > 0 ? bad.at(-1) : bad[0];
      return met ? violated({ what: 'state', event: met.id, expected: 'good', seen: 'bad' }) : held;
    },
  });
  const limited = (incomparable: string | undefined, ...ttls: readonly number[]) => {
    const trace = traceOf(...from(a, ...ttls.map(marked)));
    const kit = kitWith(known, [late], { capabilities: { incomparable: ({ network }) => (network.fragments.memoryBytes > 0 ? incomparable : undefined) } });
    return { trace: { ...trace, network: { ...trace.network, fragments: { distance: 0, memoryBytes: 64 } } }, kit: { ...kit, model: { ...subjectOf(), name: 'model' } } };
  };
  const answer = async ({ trace, kit }: ReturnType<typeof limited>) => {
    const verdict = await late.check(kit.subject, trace);
    return verdict.kind === 'violated' ? recognise(kit, late, trace, verdict.breach) : 'held';
  };
  expect(await answer(limited('counts otherwise', 7, 7))).toEqual(['ttl-7']);
  // What can be compared has to break alike as it is.
  expect(await answer(limited(undefined, 7, 7))).toBeUndefined();
  // What breaks it with the budget only is another cause.
  expect(await answer(limited('counts otherwise', 8, 8))).toBeUndefined();
  expect(await answer(limited('counts otherwise', 7, 8))).toBeUndefined();
});

test.each<[string, Partial<Finding['recognise']>]>([
  ['another law', { laws: ['other-law'] }],
  ['another kind of difference', { breach: { what: 'left' } }],
  ['other words', { breach: { seen: 'worse' } }],
  ['a remedy that does not help', { remedies: [{ without: withTtl(64) }] }],
  ['a remedy that changes nothing', { remedies: ['no-fragment-budget'] }],
  ['another trace that it comes down to', { enough: { reduced: [withTtl(7), withTtl(7)] } }],
  ['other events that are not enough', { enough: { only: withTtl(64) } }],
  ['a model that keeps the law', { enough: 'the-model-breaks-it-alike' }],
])('%s is no finding', async (_, parts) => {
  const finding = findingOf(7);
  const strict = lawOf({ check: (subject, trace) => (subject.name === 'fake' && subject.version === '0' ? law.check(subject, trace) : held) });
  const kit = { ...kitWith([{ ...finding, recognise: { ...finding.recognise, ...parts } }], [strict]), model: { ...subjectOf(), name: 'model' } };
  const trace = traceOf(...from(a, ordinary, marked(7)));
  const verdict = await strict.check(kit.subject, trace);
  expect(verdict.kind).toBe('violated');
  if (verdict.kind === 'violated') expect(await recognise(kit, strict, trace, verdict.breach)).toBeUndefined();
});

/** Fragments of two zones that are assigned late make one datagram, in the model as on Linux. */
const glued: Trace = scenario({
  shows: 'Late zones.',
  network: assignedLate(tenantsInZones(1, 2)),
  events: [...from(a, fragmentsOf(udp({ payload: '00'.repeat(40) }), 2).slice(0, 1)), ...from(b, fragmentsOf(udp({ payload: '00'.repeat(40) }), 2).slice(1))],
});
const lateZones = findingOf(1, {
  id: 'late-zones',
  breaks: { law: 'solitude', terrain: 'shipped', what: 'passes', event: 2 },
  recognise: { laws: ['solitude'], breach: { what: ['passes', 'state'] }, remedies: ['early-zones'], enough: 'the-model-breaks-it-alike' },
  trace: glued,
});
const shipped = onTerrain(solitude, 'shipped');

test('what the model does alike is known, and what it does otherwise is not', async () => {
  expect((await rulingOn({})).kind).toBe('known');
  // A subject that glues them too, and then loses what it made.
  expect((await rulingOn({ outcome: (seen) => ({ ...seen, left: [] }) })).kind).toBe('violated');
});

const rulingOn = async (mistake: Mistake) => {
  const judgement = await judge(kitWith([lateZones], [shipped], mistake), structuredClone(glued));
  const ruling = judgement.kind === 'judged' ? judgement.rulings.get('solitude') : undefined;
  if (!ruling) throw new Error('solitude was not judged');
  return ruling;
};

test('a finding shows again, or it is said what its trace does instead', async () => {
  const gone = lawOf({ check: () => held });
  const elsewhere = lawOf({ check: (subject, trace) => breaks(7)(subject, { ...trace, events: trace.events.slice(1) }) });
  const finding = findingOf(7, { trace: traceOf(...from(a, marked(7), marked(7))) });
  expect(await showsAgain(kitWith([findingOf(7)]), 'ttl-7')).toEqual({ finding: 'ttl-7' });
  expect(await showsAgain(kitWith([finding], [gone]), 'ttl-7')).toEqual({ finding: 'ttl-7', problem: 'fake-law is kept on its trace' });
  expect(await showsAgain(kitWith([finding], [elsewhere]), 'ttl-7')).toMatchObject({ problem: 'fake-law is broken on its trace by state at event 2, not by state at event 1' });
  expect(await showsAgain(kitWith([{ ...findingOf(7), recognise: { ...findingOf(7).recognise, laws: [] } }]), 'ttl-7')).toMatchObject({ problem: 'its own predicate does not recognise its trace' });
  expect(await showsAgain(kitWith([findingOf(7)], [law], { capabilities: { excludes: () => 'too hard' } }), 'ttl-7')).toMatchObject({ problem: 'its trace cannot be judged: too hard' });
});

const run = async (known: readonly Finding[], laws: readonly Law[]) =>
  verify(planOf(laws), localPool(kitWith(known, laws)), { watch: () => {}, signal: new AbortController().signal, timeIsUp: () => false });

/** About a quarter of generated packets have it where headers vary. */
const often = lawOf({ check: breaks(2) });

test('what is known is counted and does not fail a run', async () => {
  const alone = await run([], [often]);
  expect(summarise(alone).exitCode).toBe(1);
  const result = await run([findingOf(2)], [often]);
  const { exitCode, sentence, rows } = summarise(result);
  expect(exitCode).toBe(0);
  expect(sentence).toContain('1 broken by known findings only (fake-law)');
  expect(rows[0]?.result).toBe('known');
  const count = alone.tally.laws['fake-law']?.violated['state']?.count ?? 0;
  expect(count).toBeGreaterThan(0);
  expect(result.tally.laws['fake-law']).toMatchObject({ known: count, findings: { 'ttl-2': count }, violated: {} });
  expect(result.failures).toEqual([]);
  expect(reportLines(result, 'out', plainPaint).join('\n')).toContain(`known: ${count} × ttl-2: Time to live 2.`);
  expect(jsonlLines(result, 'out').map((line) => JSON.parse(line))).toContainEqual({ type: 'known', finding: 'ttl-2', title: 'Time to live 2.', shows: true, violations: count });
});

test('what is new fails the run, and is not made smaller into what is known', async () => {
  const two = lawOf({ check: breaks(2, 255) });
  const { failures, tally } = await run([findingOf(2)], [two]);
  expect(tally.laws['fake-law']?.known).toBeGreaterThan(0);
  expect(failures.length).toBeGreaterThan(0);
  for (const { trace } of failures) expect(trace.events).toMatchObject([{ packet: { ttl: 255 } }]);
});

test('a finding that no longer shows leaves the run inconclusive, in a sentence of its own', async () => {
  const result = await run([findingOf(3)], [lawOf({ check: () => held })]);
  expect(summarise(result)).toMatchObject({ exitCode: 3, sentence: 'Inconclusive on model: known findings that no longer show: ttl-3.' });
  expect(reportLines(result, 'out', plainPaint).join(' ')).toContain('ttl-3 no longer shows: fake-law is kept on its trace');
});

test.each<[string, Finding['versions'], boolean]>([
  ['Linux 6.18.44-x', {}, true],
  ['Linux 6.18.44-x', { from: '6.18' }, true],
  ['Linux 6.18.44-x', { from: '6.18.45' }, false],
  ['Linux 6.9', { from: '6.18' }, false],
  ['3.5.0', { from: '3.1', before: '3.5' }, false],
  ['3.4.9', { from: '3.1', before: '3.5' }, true],
])('%s is among %j: %s', (version, versions, applies) => {
  expect(appliesTo(findingOf(7, { versions }), { name: 'fake', version })).toBe(applies);
  expect(appliesTo(findingOf(7, { versions }), { name: 'other', version })).toBe(false);
});
