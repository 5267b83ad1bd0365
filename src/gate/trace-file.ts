/**
 * Trace files: how a trace is read from JSON, checked, and written so that equal traces are equal bytes.
 *
 * One event stands on one line and keys stand in the order of their types, so a diff of two files reads as a diff of
 * two traces.
 */
import type { z } from 'zod';
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Network, TcpSettings, Timeouts } from '../../spec/trace/network.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { BadInput } from './errors.ts';
import { traceProblem } from './trace-problems.ts';
import { schema } from './trace-schema.ts';

/** @param file names the input in errors. @throws BadInput with one sentence: the file, the place, what it must be. */
export const parseTrace = (text: string, file: string): Trace => validTrace(fromJson(text, file, 'give a trace that zoneproof wrote'), file);

/** A trace out of plain data, its keys put in the order of their types. @throws BadInput */
export const validTrace = (data: unknown, file: string): Trace => {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new BadInput(`${file}: ${problemOf(parsed.error)}.`);
  const trace: Trace = parsed.data;
  const problem = traceProblem(trace);
  if (problem !== undefined) throw new BadInput(`${file}: ${problem}.`);
  return trace;
};

/** The one text of a trace: equal traces, equal bytes. */
export const traceText = (trace: Trace): string => {
  const { version, about, network: net, events } = schema.parse(trace);
  const aboutLine = about === undefined ? '' : `  "about": ${JSON.stringify(about)},\n`;
  return (
    `{\n  "version": ${version},\n${aboutLine}  "network": {\n${eraLine(net)}` +
    `    "devices": ${lines(net.devices, '    ')},\n    "tenants": ${lines(net.tenants, '    ')},\n` +
    `    "timeouts": ${JSON.stringify(unusual(net.timeouts, DEFAULT_TIMEOUTS))},\n${tcpLine(net.tcp)}    "fragments": ${JSON.stringify(net.fragments)}\n  },\n` +
    `  "events": ${lines(events, '  ')}\n}\n`
  );
};

const unusual = <Settings extends Timeouts | TcpSettings>(all: Settings, usual: Settings): object => {
  const usually = new Map<string, unknown>(Object.entries(usual));
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== usually.get(name)));
};

const eraLine = ({ era, extensions, limits: most }: Network): string =>
  (era === undefined ? '' : `    "era": ${JSON.stringify(era)},\n`) +
  (extensions === undefined ? '' : `    "extensions": ${extensions},\n`) +
  (most === undefined ? '' : `    "limits": ${JSON.stringify(most)},\n`);

const tcpLine = (settings: TcpSettings): string => {
  const said = unusual(settings, DEFAULT_TCP);
  return Object.keys(said).length === 0 ? '' : `    "tcp": ${JSON.stringify(said)},\n`;
};

const lines = (items: readonly unknown[], margin: string): string =>
  items.length === 0 ? '[]' : `[\n${items.map((item) => `${margin}  ${JSON.stringify(item)}`).join(',\n')}\n${margin}]`;

/** @param remedy what to give instead. @throws BadInput */
export const fromJson = (text: string, file: string, remedy: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new BadInput(`${file} is not JSON (${where.slice(0, 120)}); ${remedy}.`);
  }
};

/** The first thing that is wrong: its place, and what it must be. */
export const problemOf = ({ issues: [issue] }: z.ZodError): string =>
  `${placeOf(issue?.path ?? [])} ${plain(issue?.message ?? 'is not valid')}`;

const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('') || 'the trace';

/** The validator's own words, where the schema has none, made to follow a place. */
const plain = (message: string): string => {
  const text = message.replace(/^Invalid (?:input|option): expected /, 'must be ').replace(/^Unrecognized keys?: /, 'has a key that is not known: ');
  return text.replace(/, received undefined$/, ' (it is missing)');
};
