/**
 * The report of an import: what became of every frame of the file, so that nothing is dropped in silence.
 */
import type { Count } from './tally.ts';

export type Report = {
  /** The name of the file, as it was given. */
  readonly file: string;
  readonly format: 'pcap' | 'pcapng';
  /** `whole + fragments` and the frames of `leftOut` add up to this. */
  readonly frames: number;
  /** Frames that are played and hold a whole datagram. */
  readonly whole: number;
  /** Frames that are played and hold a fragment. */
  readonly fragments: number;
  /** Frames that are not played, by reason. */
  readonly leftOut: readonly Count[];
  /** What was repaired in frames that are played, or is wrong in them; a frame can stand under several. */
  readonly notes: readonly Count[];
  /** Where the file ends too early, if it does: everything before was used. */
  readonly cut?: string;
  readonly tenants: number;
  /** Of the trace. */
  readonly events: number;
  /** Virtual time that passes in the trace. */
  readonly playedMs: number;
};

/** Reasons and notes beyond these are summed up. */
const MAX_LINES = 20;

/** A few plain lines for a person, each ended by a newline. */
export const reportText = (report: Report): string => {
  const { file, format, frames, whole, fragments, tenants, events, playedMs, cut } = report;
  const lines = [`${file} (${format}): ${counted(frames, 'frame')}, ${whole + fragments} played: ${counted(whole, 'whole datagram')} and ${counted(fragments, 'fragment')}.`];
  if (frames === 0) lines.push('The capture is empty: there is nothing to play.');
  else if (whole + fragments === 0) lines.push('Nothing in the capture can be played: no frame holds what is covered.');
  else lines.push(`Played by ${counted(tenants, 'tenant')} at once: ${counted(events, 'event')} in ${playedMs / 1000} s of virtual time.`);
  if (cut !== undefined) lines.push(`The file is cut: ${cut}; everything before was used.`);
  return [...lines, ...block('Left out', report.leftOut), ...block('Of the frames played', report.notes)].map((line) => `${line}\n`).join('');
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const block = (title: string, counts: readonly Count[]): readonly string[] => {
  if (counts.length === 0) return [];
  const rest = counts.slice(MAX_LINES);
  const summed = rest.length === 0 ? [] : [{ what: `${rest.length} more`, frames: rest.reduce((sum, { frames }) => sum + frames, 0) }];
  return [`${title}:`, ...[...counts.slice(0, MAX_LINES), ...summed].map(({ what, frames }) => `${String(frames).padStart(8)}  ${what}`)];
};
