/** The golden check: whatever is not as the scenarios say is found and named. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subjectOf } from '../../properties/fakes.ts';
import { checkGolden, goldenText } from './check.ts';
import { updateGolden } from './update.ts';

const SOME = 'golden/files/ids-that-alias.pcapng';
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'golden-'));
  updateGolden(root);
});
afterEach(() => rmSync(root, { recursive: true }));

test('what update wrote is as it should be, and model and engine play it', async () => {
  const report = await checkGolden(root);
  expect(report.problems).toEqual([]);
  expect(report.files).toBe(2 * report.scenarios);
  expect(report.scenarios).toBeGreaterThanOrEqual(10);
  expect(goldenText(report)).toMatch(/^golden: \d+ scenarios, \d+ files as rendered, replayed on model and engine\n$/);
});

test.each(['ids-that-alias.pcapng', 'ids-that-alias.trace.json'])('a changed byte of %s is found', async (name) => {
  const path = join(root, 'golden/files', name);
  const bytes = readFileSync(path);
  for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
    writeFileSync(path, bytes.with(at, bytes[at]! ^ 1));
    expect((await checkGolden(root, [])).problems).toEqual([{ kind: 'changed', file: `golden/files/${name}` }]);
  }
});

test('a missing file is found, and an extra file or folder', async () => {
  rmSync(join(root, SOME));
  writeFileSync(join(root, 'golden/files/other.pcapng'), '');
  mkdirSync(join(root, 'golden/files/zzz'));
  const report = await checkGolden(root, []);
  expect(report.problems).toEqual([
    { kind: 'missing', file: SOME },
    { kind: 'extra', file: 'golden/files/other.pcapng' },
    { kind: 'extra', file: 'golden/files/zzz' },
  ]);
  expect(goldenText(report)).toBe(
    `golden: ${SOME} is missing\ngolden: golden/files/other.pcapng belongs to no scenario\ngolden: golden/files/zzz belongs to no scenario\n` +
      'See what changed with `golden diff`; if it is meant, `golden update` writes it.\n',
  );
});

test('without any file all are missing', async () => {
  rmSync(join(root, 'golden'), { recursive: true });
  const { problems, scenarios } = await checkGolden(root, []);
  expect(problems.map(({ kind }) => kind)).toEqual(Array(2 * scenarios).fill('missing'));
});

test('a subject that does otherwise is found, with the first event', async () => {
  const oneZone = subjectOf({ network: (network) => ({ ...network, devices: network.devices.map((device) => ({ ...device, passes: [{ assigned: 'before-defragmentation' }] })) }) });
  const report = await checkGolden(root, [oneZone]);
  expect(report.problems).toContainEqual({
    kind: 'outcome',
    scenario: 'reply-in-the-right-zone',
    subject: 'fake',
    difference: { what: 'zone', event: 1, expected: 'new, original, zone 1', seen: 'new, original, zone 0' },
  });
  expect(goldenText(report)).toContain('golden: reply-in-the-right-zone on fake: event 1 should be "new, original, zone 1" and is "new, original, zone 0"\n');
});

test('a subject that crashes is found', async () => {
  const crashing = subjectOf({ outcome: () => { throw new Error('no more'); } });
  const { problems, scenarios } = await checkGolden(root, [crashing]);
  expect(problems).toHaveLength(scenarios);
  expect(problems[0]).toMatchObject({ kind: 'crash', subject: 'fake', why: 'no more' });
});
