/**
 * A pool of worker threads. Each has a subject of its own, and one that stops answering is ended and replaced, so a
 * trace that hangs or kills a subject is one violation while the others go on.
 */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { Inconclusive } from './errors.ts';
import type { Description, KitOptions } from './kit.ts';
import type { Pool } from './pool.ts';
import type { Reply, Task } from './task.ts';
import { lostTally } from './tally.ts';

/** What a worker is started with. */
export type WorkerStart = KitOptions & {
  /** Two Int32: how many traces were begun, and the index of the last. */
  readonly pulse: SharedArrayBuffer;
};

export type FromWorker =
  | { readonly kind: 'ready'; readonly description: Description }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string };

export type ToWorker = { readonly kind: 'task'; readonly task: Task } | { readonly kind: 'close' };

type Options = KitOptions & {
  readonly workers: number;
  /** A worker without progress for so long is ended; the trace gets a second try in a fresh one. */
  readonly hangMs?: number;
  /** What a worker runs, if not worker.ts. */
  readonly entry?: URL;
};

type Member = { readonly worker: Worker; readonly pulse: Int32Array; readonly description: Description };

/** Times that a trace may cost a worker before it is to blame. */
const TRIES = 2;
const HANG_MS = 60_000;
/** Most of what a trace needs is dropped right after it; with room for a few hundred of them, little is ever copied. */
const YOUNG_MB = 64;

/**
 * How V8 is to compile. The work of a run is spread over so many functions that it would else spend a third of a minute on
 * optimising them, in each worker anew: so it compiles simply at once, optimises later than usual, and inlines less.
 */
const COMPILING = ['--always-sparkplug', '--interrupt-budget=250000', '--max-inlined-bytecode-size-cumulative=300'];

/** @throws Inconclusive if the subject can't be had. */
export const workerPool = async (options: Options): Promise<Pool> => {
  for (const flag of COMPILING) setFlagsFromString(flag);
  const first = await start(options);
  const { description } = first;
  let idle: Member[] = [first];
  const busy = new Set<Member>();
  /** How often each trace, canary or reduction cost a worker. */
  const losses = new Map<string, number>();

  /** Does one task, on as many workers as it costs. */
  const complete = async (given: Task, signal: AbortSignal): Promise<Reply[]> => {
    const done: Reply[] = [];
    let task: Task | undefined = given;
    while (task && !signal.aborted) {
      const member = idle.pop() ?? (await start(options));
      busy.add(member);
      const answer = await ask(member, task, options.hangMs ?? HANG_MS, signal);
      busy.delete(member);
      if (answer.kind === 'reply') {
        idle.push(member);
        return [...done, answer.reply];
      }
      await member.worker.terminate();
      const index = Atomics.load(member.pulse, 1);
      const key = task.kind === 'judge' ? String(index) : JSON.stringify(task);
      const count = (losses.get(key) ?? 0) + 1;
      losses.set(key, count);
      if (count < TRIES || signal.aborted) continue;
      const { reply, rest } = withoutCulprit(task, index, answer);
      if (reply) done.push(reply);
      task = rest;
    }
    return done;
  };

  return {
    description,
    async run(tasks, take, signal) {
      const queue = tasks[Symbol.iterator]();
      const serve = async (): Promise<void> => {
        for (let next = queue.next(); !next.done && !signal.aborted; next = queue.next()) {
          for (const reply of await complete(next.value, signal)) take(reply);
        }
      };
      await Promise.all(Array.from({ length: options.workers }, serve));
    },
    async close() {
      const all = [...idle, ...busy];
      idle = [];
      await Promise.all(all.map(close));
    },
  };
};

const start = async ({ subject, laws, seed, terrain, known = [], ovsRoot, entry }: Options): Promise<Member> => {
  const pulse = new SharedArrayBuffer(8);
  const workerData: WorkerStart = { subject, laws, seed, terrain, known, pulse, ...(ovsRoot === undefined ? {} : { ovsRoot }) };
  // Descriptors are the subject's business: some are opened past Node, which would warn about each of them.
  const worker = new Worker(entry ?? new URL('./worker.js', import.meta.url), { workerData, trackUnmanagedFds: false, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  const answer = await nextMessage(worker);
  if (answer.kind === 'ready') return { worker, pulse: new Int32Array(pulse), description: answer.description };
  await worker.terminate();
  throw answer.kind === 'unavailable' ? new Inconclusive(answer.reason) : bug(answer);
};

type Lost = { readonly kind: 'lost'; readonly what: 'hang' | 'crash'; readonly seen: string };

/** What becomes of a task that cost too many workers: a reply for what did it, and what is left to do. */
const withoutCulprit = (task: Task, index: number, { what, seen }: Lost): { readonly reply?: Reply; readonly rest?: Task } => {
  if (task.kind === 'canary') return { reply: { kind: 'canary', result: { law: task.law, canary: task.canary, searched: 0, problem: seen } } };
  if (task.kind === 'known') return { reply: { kind: 'known', result: { finding: task.finding, problem: seen } } };
  if (task.kind === 'judge') {
    const breach = { what, event: 0, expected: 'an outcome for each event', seen };
    return { reply: { kind: 'judged', tally: lostTally(index, breach) }, rest: { ...task, skip: [...task.skip, index] } };
  }
  // Nothing is played then, so nothing of the subject's can be to blame.
  if (task.whole) throw new Error(`A worker was lost while nothing was played: ${seen}.`);
  return { rest: { ...task, whole: true } };
};

/** Gives a worker a task and waits for the reply, as long as the worker shows progress. */
const ask = (member: Member, task: Task, hangMs: number, signal: AbortSignal): Promise<{ kind: 'reply'; reply: Reply } | Lost> =>
  new Promise((resolve, reject) => {
    let beats = Atomics.load(member.pulse, 0);
    const finish = (answer: { kind: 'reply'; reply: Reply } | Lost) => {
      clearInterval(watch);
      signal.removeEventListener('abort', abort);
      resolve(answer);
    };
    const abort = () => finish({ kind: 'lost', what: 'crash', seen: 'interrupted' });
    const watch = setInterval(() => {
      const now = Atomics.load(member.pulse, 0);
      if (now === beats) finish({ kind: 'lost', what: 'hang', seen: `no answer within ${hangMs / 1000} s, twice` });
      beats = now;
    }, hangMs);
    signal.addEventListener('abort', abort);
    nextMessage(member.worker).then(
      (answer) => {
        if (answer.kind === 'reply') finish(answer);
        else if (answer.kind === 'unavailable') reject(new Inconclusive(answer.reason));
        else reject(bug(answer));
        clearInterval(watch);
      },
      (error: unknown) => finish({ kind: 'lost', what: 'crash', seen: `the worker died: ${error instanceof Error ? error.message : String(error)}` }),
    );
    say(member.worker, { kind: 'task', task });
  });

const say = (worker: Worker, message: ToWorker): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage(message);
};

/** The worker's next word. Rejects if it dies first. */
const nextMessage = (worker: Worker): Promise<FromWorker> =>
  new Promise((resolve, reject) => {
    const off = () => worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd);
    // The other side of this channel is worker.ts, which posts nothing else.
    const onMessage = (message: FromWorker) => {
      off();
      resolve(message);
    };
    const onEnd = (reason: unknown) => {
      off();
      reject(reason instanceof Error ? reason : new Error(`exit code ${String(reason)}`));
    };
    worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd);
  });

const bug = (answer: FromWorker): Error =>
  answer.kind === 'bug' ? Object.assign(new Error(answer.message), { stack: answer.stack }) : new Error(`A worker said ${answer.kind} out of turn.`);

const close = async ({ worker }: Member): Promise<void> => {
  let patience: NodeJS.Timeout | undefined;
  const ended = new Promise((resolve) => {
    worker.once('exit', resolve);
    patience = setTimeout(resolve, 5000);
  });
  say(worker, { kind: 'close' });
  await ended;
  clearTimeout(patience);
  await worker.terminate();
};
