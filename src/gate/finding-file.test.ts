/** Finding files: read with their traces, and refused in a sentence that names the file and the place. */
import { expect, test } from 'vitest';
import scenario from '../../golden/scenarios/reply-in-the-wrong-zone.ts';
import { findingsIn, FINDING_LIMITS } from './finding-file.ts';
import { traceText } from './trace-file.ts';

const GOOD = {
  version: 1,
  title: 'Something leaks.',
  engine: 'linux',
  versions: { from: '6.1' },
  breaks: { law: 'solitude', terrain: 'shipped', what: 'passes', event: 2 },
  recognise: { laws: ['solitude'], breach: { what: 'passes' }, remedies: ['early-zones'], enough: 'the-model-breaks-it-alike' },
  story: { text: ['It does.'], avoid: 'nothing', upstream: 'unknown', found: 'at once' },
};

const folder = (files: Readonly<Record<string, string>>) => ({ path: 'dir', names: Object.keys(files), read: (name: string) => files[name] ?? '' });
const pair = (finding: unknown, trace = traceText(scenario)) => folder({ 'x.trace.json': trace, 'x.finding.json': JSON.stringify(finding), 'README.md': '' });

test('a finding is read with the trace beside it, by the name of its files', () => {
  expect(findingsIn(pair(GOOD))).toEqual([expect.objectContaining({ id: 'x', title: GOOD.title, recognise: GOOD.recognise, trace: scenario })]);
});

test('patterns of events are plain data', () => {
  for (const enough of [{ only: { packet: { ttl: { from: 1, to: 2 } } }, least: 2, tries: 3 }, { reduced: [{ kind: ['receive', 'advance'] }, { packet: null }] }]) {
    const recognise = { ...GOOD.recognise, remedies: [{ without: { device: 't1a' } }, 'no-fragment-budget'], enough };
    expect(findingsIn(pair({ ...GOOD, recognise }))[0]?.recognise).toEqual(recognise);
  }
});

test.each<[string, () => unknown, RegExp]>([
  ['none', () => findingsIn(folder({ 'README.md': '' })), /^dir holds no NAME\.finding\.json; give a directory of findings, such as golden\/findings\.$/],
  ['too many', () => findingsIn(folder(Object.fromEntries(Array.from({ length: FINDING_LIMITS.findings + 1 }, (_, index) => [`${index}.finding.json`, ''])))), /^dir holds 1001 findings;/],
  ['no trace', () => findingsIn(folder({ 'x.finding.json': JSON.stringify(GOOD) })), /^dir\/x\.finding\.json has no trace beside it; put it into x\.trace\.json\.$/],
  ['no JSON', () => findingsIn(folder({ 'x.finding.json': '{', 'x.trace.json': traceText(scenario) })), /^dir\/x\.finding\.json is not JSON \([^\n]*\); give a finding as golden\/findings holds them\.$/],
  ['a bad trace', () => findingsIn(pair(GOOD, '{}')), /^dir\/x\.trace\.json: version must be 1;/],
  ['another version', () => findingsIn(pair({ ...GOOD, version: 2 })), /^dir\/x\.finding\.json: version must be 1; other versions are not available yet\.$/],
  ['an unknown law', () => findingsIn(pair({ ...GOOD, breaks: { ...GOOD.breaks, law: 'gravity' } })), /^dir\/x\.finding\.json: breaks\.law must be the id of a law\.$/],
  ['a strange version', () => findingsIn(pair({ ...GOOD, versions: { from: 'v6' } })), /versions\.from must be numbers with dots, such as 6\.18\.$/],
  ['an event that is not there', () => findingsIn(pair({ ...GOOD, breaks: { ...GOOD.breaks, event: 99 } })), /breaks\.event 99 must be the id of an event of its trace\.$/],
  ['another law than its own', () => findingsIn(pair({ ...GOOD, recognise: { ...GOOD.recognise, laws: ['clock'] } })), /recognise\.laws must name solitude, which its own trace breaks\.$/],
  ['an unknown remedy', () => findingsIn(pair({ ...GOOD, recognise: { ...GOOD.recognise, remedies: ['prayer'] } })), /recognise\.remedies\[0\] must be one of early-zones, [^\n]* or \{"without": a pattern of events\}\.$/],
  ['nothing that is enough', () => findingsIn(pair({ ...GOOD, recognise: { ...GOOD.recognise, enough: 'yes' } })), /recognise\.enough must be the-model-breaks-it-alike, /],
  ['a key that is not known', () => findingsIn(pair({ ...GOOD, mood: 'good' })), /dir\/x\.finding\.json: .*mood/],
])('%s: refused', (_, read, sentence) => {
  expect(read).toThrow(sentence);
});
