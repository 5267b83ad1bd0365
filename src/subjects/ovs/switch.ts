/**
 * The switch: a daemon for one session after the other, each of which finds it as if it had just been started.
 *
 * A daemon that ends or does not answer is what the session's trace did to it; the next session gets another one.
 */
import { type Daemon, startDaemon } from './daemon.ts';
import type { ZoneId } from '../../../spec/zone.ts';
import { makingFlows } from './flows.ts';
import type { Leaving } from './frames.ts';
import type { Installation } from './installation.ts';
import { openOutput, type Output } from './output.ts';
import type { Making } from './translation.ts';
import type { Answer } from './unixctl.ts';

export type Switch = {
  /** Adds a frame to what goes in with the next flush. */
  readonly send: (frame: Uint8Array, to: number | 'table') => void;
  /** All that left; what went in is through. */
  readonly flush: () => Promise<readonly Leaving[]>;
  /** Time passes, 1 ms or more. */
  readonly advance: (milliseconds: number) => Promise<void>;
  readonly command: (method: string, ...params: readonly string[]) => Promise<Answer>;
  /** The number of a rule; 0 for none. Of a session that has not begun yet. */
  readonly rule: (making: Making | undefined) => number;
  /** How many connections zones may have, in a session that has not begun yet. */
  readonly limit: (limits: ReadonlyMap<ZoneId, number>) => Promise<void>;
  /** For a new session: no connection, and no fragment that waits. */
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What takes the daemon longer counts as a hang. */
const HANG_MS = 20_000;
/** Fragments are thrown away when they are so old, by a thread that looks every minute. Source: lib/ipf.c. */
const FRAGMENTS_GONE_MS = 15_000 + 10_000 + 60_000 + 1000;
/** Flows that packets left behind in the datapath are forgotten after so many sessions, by a new daemon. */
const MOST_SESSIONS = 20_000;

/** Rules that flows can be had for, each of which has a byte of a frame; no session has nearly as many. */
const MOST_RULES = 128;

/** `more` are flows beside those that subjects are driven by, one a line. @throws Unavailable if no daemon starts. */
export const openSwitch = async (installation: Installation, more = ''): Promise<Switch> => {
  let running: { readonly daemon: Daemon; readonly output: Output; readonly rules: Map<string, number> } | undefined;
  let sessions = 0;
  /** Packets that went in and did not come out: fragments that wait, as far as is known. */
  let inside = 0;
  let unsent = false;
  let limited: readonly ZoneId[] = [];

  const start = async () => {
    const daemon = await startDaemon(installation, more);
    sessions = 0;
    inside = 0;
    unsent = false;
    limited = [];
    running = { daemon, output: openOutput(daemon.output), rules: new Map() };
    return running;
  };

  const stop = async (): Promise<void> => {
    const stopped = running;
    running = undefined;
    stopped?.output.close();
    await stopped?.daemon.stop();
  };

  /** The answer, or the end of the daemon as an error. */
  const answered = async <T>(ask: (daemon: Daemon) => Promise<T>): Promise<T> => {
    if (!running) throw new Error('ovs-vswitchd is gone; a new session starts another one');
    const { daemon } = running;
    let timer: NodeJS.Timeout | undefined;
    const hang = new Promise<'hang'>((resolve) => {
      timer = setTimeout(() => resolve('hang'), HANG_MS);
    });
    try {
      const answer = await Promise.race([ask(daemon), hang]);
      if (answer !== 'hang') return answer;
      throw new Error(`ovs-vswitchd hangs: no answer within ${HANG_MS / 1000} s`);
    } catch (error) {
      // A socket that closes is how an end is noticed first; how it came about is known a moment later.
      await Promise.race([daemon.end, new Promise((resolve) => setTimeout(resolve, 500))]);
      const ended = daemon.ended();
      await stop();
      throw ended === undefined ? error : new Error(`ovs-vswitchd ${ended}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  };

  /** What was sent and not waited for comes before anything that is asked otherwise. */
  const settle = async (): Promise<void> => {
    if (!unsent) return;
    await answered(({ openFlow }) => openFlow.flush());
    unsent = false;
  };

  const command = async (method: string, ...params: readonly string[]): Promise<Answer> => {
    await settle();
    return answered(({ control }) => control.call(method, ...params));
  };

  /** A command that has to work. */
  const done = async (method: string, ...params: readonly string[]): Promise<string> => {
    const { ok, text } = await command(method, ...params);
    if (!ok) throw new Error(`${[method, ...params].join(' ')}: ${text.trim()}`);
    return text;
  };

  const advance = async (milliseconds: number): Promise<void> => {
    await settle();
    await answered(async ({ control, sweepers }) => {
      const before = sweepers.mark();
      const { ok, text } = await control.call('time/warp', String(milliseconds));
      if (!ok) throw new Error(`time/warp ${milliseconds}: ${text.trim()}`);
      await sweepers.done(before);
    });
    // A connection on which nothing is said for a minute is asked whether it lives, and closed after another.
    await answered(({ openFlow }) => openFlow.flush());
  };

  const isWithoutFragments = async (): Promise<boolean> => /num frag: 0\n/.test(await done('dpctl/ipf-get-status'));

  /** Nothing but time ends what waits. */
  const dropFragments = async (): Promise<boolean> => {
    await advance(FRAGMENTS_GONE_MS);
    for (let tries = 0; tries < 50; tries += 1) {
      if (await isWithoutFragments()) return true;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return false;
  };

  await start();
  return {
    send: (frame, to) => {
      if (to === 'table') inside += 1;
      unsent = true;
      running?.daemon.openFlow.add(frame, to);
    },
    flush: async () => {
      await answered(({ openFlow }) => openFlow.flush());
      unsent = false;
      const left = running?.output.read() ?? [];
      for (const { kind } of left) if (kind === 'packet') inside -= 1;
      return left;
    },
    advance,
    command,
    rule: (making) => {
      if (making === undefined || !running) return 0;
      const { rules, daemon } = running;
      const name = JSON.stringify(making);
      const known = rules.get(name);
      if (known !== undefined) return known;
      const rule = rules.size + 1;
      daemon.addFlows(makingFlows(rule, making));
      rules.set(name, rule);
      return rule;
    },
    limit: async (limits) => {
      if (limits.size === 0) return;
      await done('dpctl/ct-set-limits', ...[...limits].map(([zone, connections]) => `zone=${zone},limit=${connections}`));
      limited = [...limits.keys()];
    },
    clear: async () => {
      sessions += 1;
      // If it ended between sessions, no trace is to blame.
      if (running && running.daemon.ended() === undefined && sessions <= MOST_SESSIONS && running.rules.size < MOST_RULES) {
        try {
          // What a session sent and did not wait for.
          await settle();
          if (limited.length > 0) await done('dpctl/ct-del-limits', `zone=${limited.join(',')}`);
          limited = [];
          running.output.read();
          running.daemon.openFlow.addEnd();
          unsent = true;
          if (inside === 0 || (await dropFragments())) {
            inside = 0;
            return;
          }
        } catch {
          // Then it ended just now.
        }
      }
      await stop();
      await start();
    },
    close: stop,
  };
};
