/**
 * Progress on stderr: one line that changes on a terminal, a plain line every few seconds elsewhere.
 */
import type { Progress } from '../gate/verify.ts';

type Output = { readonly isTTY?: boolean; write(text: string): unknown };

export type ProgressMeter = { show(progress: Progress): void; end(): void };

const TERMINAL_MS = 200;
const PLAIN_MS = 5000;

/** `nowMs` is a clock that only runs forward. What it shows reaches no report. */
export const progressMeter = (output: Output, nowMs: () => number): ProgressMeter => {
  const startMs = nowMs();
  const everyMs = output.isTTY ? TERMINAL_MS : PLAIN_MS;
  let shownMs = startMs;
  let open = false;
  return {
    show(progress) {
      const now = nowMs();
      if (now - shownMs < everyMs) return;
      shownMs = now;
      const line = progressLine(progress, now - startMs);
      output.write(output.isTTY ? `\r${line}\u001B[K` : `${line}\n`);
      open = true;
    },
    end() {
      if (open && output.isTTY) output.write('\r\u001B[K');
      open = false;
    },
  };
};

/** `of` is far away where a budget of time ends the run, so no end is foretold then. */
const progressLine = ({ traces, of, violations, phase }: Progress, elapsedMs: number): string => {
  if (phase === 'reducing') return `making failures small, ${violations} violations`;
  const rate = traces / (elapsedMs / 1000);
  const foreseeable = of < Number.MAX_SAFE_INTEGER && traces > 0;
  const left = foreseeable ? `, ${Math.ceil((of - traces) / rate)} s to go` : '';
  return `${traces}${foreseeable ? ` of ${of}` : ''} traces, ${rate.toFixed(0)}/s${left}, ${violations} violations`;
};
