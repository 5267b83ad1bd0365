/** Update and diff: a change is told as events and outcomes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import scenario from '../../golden/scenarios/reply-in-the-wrong-zone.ts';
import type { Trace } from '../../spec/index.ts';
import { checkGolden } from './check.ts';
import { renderTrace } from './render.ts';
import { changesText, diffGolden, updateGolden } from './update.ts';

const NAME = 'reply-in-the-wrong-zone';
const file = `golden/files/${NAME}.pcapng`;
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'golden-'));
  updateGolden(root);
});
afterEach(() => rmSync(root, { recursive: true }));

/** As if the scenario had been this one until now. */
const before = (trace: Trace): void => writeFileSync(join(root, file), renderTrace(trace, NAME, trace.about!).pcapng);
const linesOf = () => diffGolden(root).find((change) => change.file === file)?.lines ?? [];

test('nothing changes where nothing changed', () => {
  expect(diffGolden(root)).toEqual([]);
  expect(updateGolden(root)).toEqual([]);
  expect(changesText([])).toBe('golden: nothing changes\n');
});

test('an outcome that changed is shown at its event', () => {
  const devices = scenario.network.devices.map((device) => ({ ...device, passes: scenario.network.devices.at(0)!.passes }));
  before({ ...scenario, network: { ...scenario.network, devices } });
  const lines = linesOf();
  expect(lines).toContain('device t2b');
  expect(lines.slice(lines.indexOf('event 2'), lines.indexOf('event 3'))).toEqual([
    'event 2',
    '- established, reply, zone 1, connection 1; leaves by t2a',
    expect.stringMatching(/^- rules: .*lookup\.reply-half/),
    '- established, reply, zone 1, connection 1',
    '+ new, original, zone 2, connection 2; leaves by t2a',
    expect.stringMatching(/^\+ rules: .*lookup\.nothing/),
    '+ new, original, zone 2, connection 2',
  ]);
  expect(lines.some((line) => line.startsWith('event 1'))).toBe(false);
});

test('an event that was added or is gone is shown, one without a packet too', () => {
  before({ ...scenario, events: [...scenario.events.slice(0, 2), { kind: 'advance', id: 9, milliseconds: 7 }] });
  expect(linesOf()).toEqual([
    'event 9',
    '- advance 7 ms',
    'event 3',
    '+ receive on t1b',
    '+ event 3: arrives on t1b',
    '+ established, reply, zone 1, connection 1; leaves by t1a',
    expect.stringMatching(/^\+ rules: /),
    expect.stringMatching(/^\+ in t1b: 10\.0\.0\.2:2000 > 10\.0\.0\.1:1000 udp ttl 64 0 B {2}\([0-9a-f]{8}\)$/),
    '+ event 3: leaves by t1a',
    '+ established, reply, zone 1, connection 1',
    expect.stringMatching(/^\+ out t1a: .* ttl 63 /),
  ]);
});

test('another rendering of the same is told apart from another meaning', () => {
  const bytes = readFileSync(join(root, file));
  writeFileSync(join(root, file), Buffer.concat([bytes, new Uint8Array([5, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0])]));
  expect(linesOf()).toEqual(['The events and outcomes are the same; only the rendering changed.']);
});

test('a file that cannot be read is a change like any other', () => {
  writeFileSync(join(root, file), 'nothing');
  expect(linesOf().slice(0, 2)).toEqual(['file', expect.stringMatching(/^- .*reply-in-the-wrong-zone\.pcapng: /)]);
});

test('diff writes nothing, and update writes and removes what it says', async () => {
  before({ ...scenario, events: [] });
  const extra = join(root, 'golden/files/other.pcapng');
  writeFileSync(extra, '');
  rmSync(join(root, `golden/files/${NAME}.trace.json`));
  const told = diffGolden(root);
  expect(told.map(({ kind }) => kind)).toEqual(['new', 'changed', 'gone']);
  expect(diffGolden(root)).toEqual(told);
  expect(existsSync(extra)).toBe(true);
  expect(updateGolden(root)).toEqual(told);
  expect(existsSync(extra)).toBe(false);
  expect((await checkGolden(root, [])).problems).toEqual([]);
  expect(changesText(told)).toContain(`changed: ${file}\n  event 1\n  + receive on t1a\n`);
});
