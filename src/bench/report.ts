/**
 * The bench's report: one table for packets, one for traces, and on what machine.
 */
import { type Column, type Paint, table } from '../report/table.ts';
import type { Row, Score } from './measure.ts';
import { PHASES, type VerifyScore } from './verify.ts';

export type Environment = { readonly node: string; readonly platform: string; readonly processor: string; readonly cores: number; readonly kernel: string };

/** Everything that was measured, and where. */
export type Report = {
  readonly environment: Environment;
  readonly rounds: number;
  readonly packets: readonly Row[];
  readonly traces: readonly VerifyScore[];
};

export const reportLines = ({ environment, rounds, packets, traces }: Report, paint: Paint): readonly string[] => {
  const { node, platform, processor, cores, kernel } = environment;
  return [
    `node ${node}, ${platform}, ${processor}, ${cores} cores, kernel ${kernel}; medians of ${rounds} rounds (least..most)`,
    ...packetLines(packets, paint),
    ...traceLines(traces, paint),
  ];
};

const right = (title: string): Column => ({ title, align: 'right' });

const packetLines = (rows: readonly Row[], paint: Paint): readonly string[] => {
  if (rows.length === 0) return [];
  const columns = [{ title: 'packets per second' }, right('engine'), right('Map'), right('engine/Map'), right('model'), right('bytes: engine'), { title: 'Map' }];
  const cells = rows.map(({ workload, scores: { engine, map, model } }) => [
    workload, spread(engine), spread(map), ratio(engine, map), spread(model), weight(engine), weight(map),
  ]);
  return [
    '',
    ...table(columns, cells, titles(paint)),
    '',
    'Map: an idiomatic tracker with string keys; both said the same of every packet before anything was timed.',
    'bytes: for each connection of a full table. The engine takes its memory beforehand, for as many as it may hold.',
    'model: the specification itself, which looks at every connection for every packet; measured with small tables only.',
  ];
};

const traceLines = (scores: readonly VerifyScore[], paint: Paint): readonly string[] => {
  const cells = scores.flatMap((score) =>
    'notChecked' in score
      ? []
      : [[score.subject, spreadOf(score.tracesPerSecond), ...PHASES.map((phase) => `${(score.shares[phase] * 100).toFixed(0)} %`)]],
  );
  const missing = scores.flatMap((score) => ('notChecked' in score ? [`${score.subject}: not checked: ${score.notChecked}`] : []));
  if (scores.length === 0) return [];
  return ['', ...table([{ title: 'verify, one thread' }, right('traces per second'), ...PHASES.map(right)], cells, titles(paint)), ...missing];
};

const titles = (paint: Paint) => (row: number, _: number, text: string) => (row < 0 ? paint('bold', text) : text);

const spread = (score: Score | undefined): string => (score ? spreadOf(score.packetsPerSecond) : '-');

const spreadOf = (rates: readonly number[]): string => `${short(median(rates))} (${short(Math.min(...rates))}..${short(Math.max(...rates))})`;

const ratio = (engine: Score | undefined, map: Score | undefined): string =>
  engine && map ? (median(engine.packetsPerSecond) / median(map.packetsPerSecond)).toFixed(1) : '-';

const weight = (score: Score | undefined): string => (score?.bytesPerConnection === undefined ? '-' : score.bytesPerConnection.toFixed(0));

/** The middle one, or between the two in the middle. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
};

/** Three digits and a unit: 2.34 M, 512 k, 87.0. */
export const short = (value: number): string => {
  const rounded = Number(value.toPrecision(3));
  if (rounded >= 1e6) return `${(rounded / 1e6).toPrecision(3)} M`;
  return rounded >= 1e3 ? `${(rounded / 1e3).toPrecision(3)} k` : rounded.toPrecision(3);
};
