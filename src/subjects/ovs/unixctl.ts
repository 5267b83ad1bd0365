/**
 * Unixctl: the daemon's control socket. JSON-RPC 1.0, one request at a time, answered in order.
 *
 * Source: lib/unixctl.c, lib/jsonrpc.c of Open vSwitch; ovs-appctl(8).
 */
import { connect, type Socket } from 'node:net';

/** What the daemon answered to a command: its text, or the text of a refusal. */
export type Answer = { readonly ok: boolean; readonly text: string };

export type Unixctl = {
  /** Rejects if the daemon goes away before it has answered. */
  readonly call: (method: string, ...params: readonly string[]) => Promise<Answer>;
  readonly close: () => void;
};

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };

/** A connected socket, or rejects. */
export const connected = (file: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(file, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });

export const openUnixctl = async (file: string): Promise<Unixctl> => {
  const socket = await connected(file);
  socket.setEncoding('utf8');
  const waiting: Waiting[] = [];
  let text = '';
  let id = 0;
  const fail = (): void => {
    for (const { reject } of waiting.splice(0)) reject(new Error('ovs-vswitchd closed its control socket'));
  };
  socket.on('error', fail);
  socket.on('close', fail);
  socket.on('data', (more) => {
    text += String(more);
    for (let end = endOfObject(text); end > 0; end = endOfObject(text)) {
      waiting.shift()?.resolve(answerIn(JSON.parse(text.slice(0, end))));
      text = text.slice(end);
    }
  });
  return {
    call: (method, ...params) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('ovs-vswitchd closed its control socket'));
        waiting.push({ resolve, reject });
        socket.write(JSON.stringify({ id: id++, method, params }));
        return undefined;
      }),
    close: () => socket.destroy(),
  };
};

const answerIn = (message: unknown): Answer => {
  const at = (key: string): unknown => (typeof message === 'object' && message !== null ? Reflect.get(message, key) : undefined);
  const [result, error] = [at('result'), at('error')];
  return typeof error === 'string' ? { ok: false, text: error } : { ok: true, text: typeof result === 'string' ? result : '' };
};

/** Where the first object of a text ends, or 0 if it is not all there. Objects follow each other without anything between. */
const endOfObject = (text: string): number => {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return 0;
};
