/** The command line as it is installed: its bytes, its exit codes and its sentences. Needs `npm run build`. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CAPABILITIES } from '../../properties/fakes.ts';
import { traceFor } from '../../properties/generate/index.ts';
import { traceText } from '../../src/gate/trace-file.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../../golden/files/', import.meta.url));
const CAPTURES = fileURLToPath(new URL('../../golden/captures/', import.meta.url));

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'zoneproof-cli-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const inDirectory = (name: string): string => path.join(directory, name);

const zoneproof = (...args: readonly string[]): { code: number | null; out: string; err: string } => {
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: directory, env });
  return { code: status, out: stdout, err: stderr };
};

/** Refused with one sentence on stderr and nothing else. */
const refused = (args: readonly string[], sentence: RegExp): void => {
  const { code, out, err } = zoneproof(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(sentence);
  expect(err.trimEnd()).not.toContain('\n');
};

const RUN = ['verify', '--subject', 'model', '--runs', '150', '--seed', '3'];

test('the same seed prints the same bytes with any number of workers', () => {
  const one = zoneproof(...RUN, '--workers', '1');
  expect(one.code).toBe(0);
  expect(one.out).toMatch(/^zoneproof [^\n]*, seed 3, 150 traces/);
  expect(one.out).toMatch(/digest [0-9a-f]{16}\nseed 3\nHeld: \d+ laws on 150 traces of model\.\n$/);
  expect(zoneproof(...RUN, '--workers', '3').out).toBe(one.out);
});

test('shards merged print what the run prints, and leave the same files', () => {
  const whole = zoneproof(...RUN, '--out', 'whole');
  for (const shard of ['1/2', '2/2']) {
    expect(zoneproof(...RUN, '--shard', shard, '--out', `shard-${shard[0]}`)).toMatchObject({ code: 0 });
  }
  const merged = zoneproof('merge', 'shard-1', 'shard-2', '--out', 'whole');
  expect(merged).toEqual({ code: whole.code, out: whole.out, err: '' });
  zoneproof('merge', 'shard-2', 'shard-1', '--out', 'merged');
  for (const name of readdirSync(inDirectory('whole'))) {
    expect(readFileSync(inDirectory(`merged/${name}`), 'utf8')).toBe(readFileSync(inDirectory(`whole/${name}`), 'utf8'));
  }
  refused(['merge', 'shard-1'], /^zoneproof: Shard 2 of 2 is missing; give every shard of the run\.$/m);
  refused(['merge', 'shard-1', 'shard-1'], /are the same shard; give each shard once\.$/m);
  refused(['merge', 'nowhere'], /^zoneproof: nowhere is not a directory that can be read;/);
});

test('jsonl is one object a line, with the same numbers', () => {
  const { code, out } = zoneproof(...RUN, '--reporter', 'jsonl', '--reporter', 'jsonl:run.jsonl');
  expect(code).toBe(0);
  const lines: { type: string }[] = out.trimEnd().split('\n').map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ type: 'start' });
  expect(lines.at(-1)).toMatchObject({ type: 'end', traces: 150, seed: 3, exitCode: 0 });
  expect(lines.filter(({ type }) => type === 'law').length).toBeGreaterThan(10);
  expect(readFileSync(inDirectory('run.jsonl'), 'utf8')).toBe(out);
});

test('a law asked for by name that says too little is inconclusive', () => {
  const { code, out } = zoneproof('verify', '--subject', 'model', '--law', 'default-zone', '--runs', '1', '--seed', '1');
  expect(out).toContain('not checked');
  expect(code).toBe(3);
});

test('every canary leaves a trace that can be explained', () => {
  zoneproof('verify', '--subject', 'model', '--law', 'identity', '--runs', '20', '--out', 'canaries');
  const { code, out } = zoneproof('explain', 'canaries/canary-identity-shared.trace.json');
  expect(code).toBe(0);
  expect(out).toContain('lookup.');
});

test.each(readdirSync(GOLDEN).filter((name) => name.endsWith('.pcapng')).slice(0, 4))('the golden file %s is replayed from its section header', (name) => {
  const { code, out, err } = zoneproof('replay', path.join(GOLDEN, name), '--law', 'refinement');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/Held: refinement, on engine\.\n$/);
  const json = zoneproof('replay', path.join(GOLDEN, name.replace('.pcapng', '.trace.json')), '--law', 'refinement');
  expect(json.out).toBe(out);
});

test('the golden files are as their scenarios say', () => {
  expect(zoneproof('golden', 'check')).toMatchObject({ code: 0, err: '' });
  expect(zoneproof('golden', 'diff')).toMatchObject({ code: 0, out: 'golden: nothing changes\n' });
});

test('any capture is replayed by several tenants', () => {
  const { code, out } = zoneproof('replay', path.join(CAPTURES, 'udp-fragments.pcapng'), '--zones', '3');
  expect(code).toBe(0);
  expect(out).toContain('3 tenants');
});

test('whatever is no trace is refused in a sentence that names it', () => {
  const text = traceText(traceFor(1, 0, CAPABILITIES));
  const files: Record<string, string> = {
    'empty.json': '',
    'text.txt': 'hello',
    'cut.json': text.slice(0, text.length / 2),
    'wrong.json': text.replace('"version": 1', '"version": 7'),
    'garbage.pcapng': `\n\r\r\n${'A'.repeat(60)}`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(inDirectory(name), content);
  for (const command of ['replay', 'explain']) {
    refused([command, 'missing.json'], /^zoneproof: missing\.json cannot be read: there is no such file; check the path\.$/m);
    refused([command, '.'], /^zoneproof: \. cannot be read: it is not a file; name a file\.$/m);
    refused([command, 'empty.json'], /^zoneproof: empty\.json is empty; give a trace or a capture\.$/m);
    refused([command, 'text.txt'], /^zoneproof: text\.txt is neither a trace nor a capture;/);
    refused([command, 'cut.json'], /^zoneproof: cut\.json is not JSON/);
    refused([command, 'wrong.json'], /^zoneproof: wrong\.json: version must be 1; other versions are not available yet\.$/m);
    refused([command, 'garbage.pcapng'], /^zoneproof: garbage\.pcapng: /);
  }
});

test('a trace without events proves nothing', () => {
  const { version, network } = traceFor(1, 0, CAPABILITIES);
  writeFileSync(inDirectory('nothing.json'), traceText({ version, network, events: [] }));
  const { code, out } = zoneproof('replay', 'nothing.json');
  expect(code).toBe(3);
  expect(out).toMatch(/Inconclusive: there is nothing to play\.\n$/);
});

test.each<[readonly string[], RegExp]>([
  [['verify', '--subject', "exec:'x'"], /The subject exec:'x' is not available yet; choose one of engine, model, linux, ovs/],
  [['verify', '--subject', 'bsd'], /There is no subject bsd/],
  [['verify', '--law', 'gravity'], /There is no law gravity; choose from 'identity'/],
  [['verify', '--runs', '0'], /Give a whole number from 1 to/],
  [['verify', '--runs', '1e3'], /Give a whole number/],
  [['verify', '--seed', '4294967296'], /Give a whole number from 0 to 4294967295/],
  [['verify', '--shard', '3/2'], /Give a part such as 1\/4/],
  [['verify', '--budget', '60'], /Give a time such as 60s/],
  [['verify', '--budget', '60s', '--runs', '5'], /--runs and --budget exclude each other/],
  [['verify', '--budget', '60s', '--shard', '1/2'], /--budget and --shard exclude each other/],
  [['verify', '--reporter', 'junit'], /not available yet/],
  [['verify', '--reporter', 'tty', '--reporter', 'jsonl'], /Only one reporter can write to stdout/],
  [['verify', '--known', 'nowhere'], /nowhere is not a directory that can be read; give a directory of findings, such as golden\/findings/],
  [['verify', '--known', '.'], /\. holds no NAME\.finding\.json; give a directory of findings/],
  [['verify', '--out', MAIN], /cannot be written to: a part of its path is not a directory; choose another place/],
  [['verify', 'extra'], /too many arguments/],
  [['replay'], /missing required argument 'file'/],
  [['unknown'], /unknown command 'unknown'/],
])('%j is refused', (args, sentence) => refused(args, sentence));

test('the version is the package\'s', () => {
  const text = readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8');
  expect(text).toContain(`"version": "${zoneproof('--version').out.trim()}"`);
});

test('help is no error, and shows an example for each command', () => {
  expect(zoneproof('--help').code).toBe(0);
  for (const command of ['verify', 'merge', 'replay', 'golden', 'explain', 'doctor']) {
    const { code, out } = zoneproof(command, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/Examples?:\n {2}zoneproof/);
  }
});

test('the doctor says of every subject whether it can run', () => {
  const { code, out } = zoneproof('doctor');
  expect(code).toBe(0);
  expect(out).toMatch(/^engine: can run/m);
  expect(out).toMatch(/^model: can run/m);
  expect(out).toMatch(/^linux: can(not)? run/m);
  expect(out).toMatch(/^ovs: can(not)? run/m);
});

test('an interrupt prints the table of what was done', async () => {
  const child = spawn(process.execPath, [MAIN, 'verify', '--subject', 'model', '--runs', '1000000'], { cwd: directory });
  let [out, sent] = ['', false];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', () => {
    // The first line of progress: something was judged.
    if (!sent) child.kill('SIGINT');
    sent = true;
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(130);
  expect(out).toMatch(/Interrupted after \d+ traces: nothing was violated so far\.\n$/);
});
