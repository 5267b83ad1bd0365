/**
 * The Linux kernel that this process runs on, as a subject: its own connection tracking in network namespaces of its own.
 */
import { Unavailable } from '../unavailable.ts';
import { endianness, release } from 'node:os';
import type { Session, Subject } from '../../../properties/subject.ts';
import type { Network } from '../../../spec/trace/network.ts';
import { capabilitiesOf } from './capabilities.ts';
import { countersOf, tickMs } from './counters.ts';
import { firstLine, loadLibc, type Libc, SystemError } from './libc.ts';
import { buildNamespace, exitsOf, type Namespace, pathsOf, type Shape } from './namespace.ts';
import { probeLinux as probe, type ProbeStep } from './probe.ts';
import { boundFamilies } from './nat.ts';
import { tunError, type PortKind } from './ports.ts';
import { startSession } from './session.ts';

export type { ProbeStep } from './probe.ts';
export { Unavailable } from '../unavailable.ts';
export { needsNamespaceWrapper, reexecCommand } from './wrapper.ts';

export type LinuxOptions = {
  /** Which ports; unless given, TUN devices where they can be had, else packet sockets. */
  readonly ports?: PortKind;
};

/** The smallest network there is: two devices, each the other's exit. */
const PAIR: Shape = { exits: [1, 0], ruled: false, bound: [], counters: [] };
/** Namespaces kept for networks of other shapes, because building one takes as long as dozens of traces; and that wait to be closed. */
const MOST_NAMESPACES = 8;

/** Throws Unavailable if this is no Linux that can be driven, with the step that failed. */
export const openLinux = async (options: LinuxOptions = {}): Promise<Subject> => {
  const libc = await requireLibc();
  const ports = options.ports ?? (tunError(libc) === undefined ? 'tun' : 'packet');
  const namespaces = namespaceCache((shape) => buildNamespace(libc, ports, shape));
  let setsPolicies: boolean;
  try {
    const namespace = namespaces.take(PAIR);
    ({ setsPolicies } = namespace);
    namespaces.giveBack(PAIR, namespace);
  } catch (error) {
    throw new Unavailable(`The Linux kernel cannot be driven here (${firstLine(error)}).`, ASK_DOCTOR);
  }
  const counts = canCount(namespaces);
  const tick = tickMs(libc);
  return {
    name: 'linux',
    version: `Linux ${release()}`,
    capabilities: capabilitiesOf(ports, setsPolicies, counts),
    open: (network) => {
      const waiting = namespaces.crowded();
      return waiting ? waiting.then(() => openSession(namespaces, network, tick)) : openSession(namespaces, network, tick);
    },
    close: () => namespaces.close(),
  };
};

/** Whether the kernel has rules that count connections. */
const canCount = (namespaces: NamespaceCache): boolean => {
  try {
    namespaces.take({ ...PAIR, counters: ['ct count over 1 drop'] });
    return true;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
};

/** The steps that a kernel has to pass, in order, for `zoneproof doctor`. Never throws; leaves nothing behind. */
export const probeLinux = (): Promise<readonly ProbeStep[]> => probe(() => openLinux());

const ASK_DOCTOR = 'Run `zoneproof doctor` to see which step fails and what helps.';

/** The system calls. Throws Unavailable where they cannot be had. */
const requireLibc = async (): Promise<Libc> => {
  if (process.platform !== 'linux') throw new Unavailable(`This is ${process.platform}, not Linux.`, 'Run on Linux, or judge another subject.');
  if (endianness() !== 'LE') throw new Unavailable('This machine is big endian.', 'Run on a little-endian machine.');
  try {
    return await loadLibc();
  } catch (error) {
    throw new Unavailable(`The optional package koffi does not load (${firstLine(error)}).`, 'Install with optional dependencies: `npm install`.');
  }
};

const openSession = (namespaces: NamespaceCache, network: Network, tick: number): Session => {
  const shape = shapeFor(network);
  const namespace = namespaces.take(shape);
  const session = startSession(namespace, network, tick);
  return {
    feed: session.feed,
    close: () => {
      // What was counted stays in the rules' lists.
      if (session.close() && shape.counters.length === 0) namespaces.giveBack(shape, namespace);
    },
  };
};

const shapeFor = (network: Network): Shape => ({
  exits: roomy(exitsOf(network)),
  ruled: network.devices.some(({ passes }) => passes.some(({ zone, rules }) => rules !== undefined || (zone && zone.counts !== 'both'))),
  bound: boundFamilies(network),
  counters: countersOf(network),
  ...pathsOf(network),
});

/**
 * Exits with room for the given ones: devices in pairs, each the other's exit, are taken out of a power of two of them,
 * so that a handful of namespaces serves all such networks. Devices beyond the network's own do nothing.
 */
const roomy = (exits: readonly number[]): readonly number[] => {
  if (exits.some((exit, index) => exit !== (index ^ 1))) return exits;
  let room = 2;
  while (room < exits.length) room *= 2;
  return Array.from({ length: room }, (_, index) => index ^ 1);
};

/**
 * Namespaces by shape. One is out at a time: a session takes it and gives it back clean. One that is not given back
 * before the next is taken is dropped, so whatever went wrong in it stays in it.
 */
type NamespaceCache = {
  readonly take: (shape: Shape) => Namespace;
  readonly giveBack: (shape: Shape, namespace: Namespace) => void;
  /** Undefined, or when there will be room for another one: closing takes longer than building, and each has many descriptors. */
  readonly crowded: () => Promise<void> | undefined;
  readonly close: () => Promise<void>;
};

const keyOf = ({ exits, ruled, ...others }: Shape): string => `${exits.join()}${ruled ? ' ruled' : ''}${JSON.stringify(others)}`;

const namespaceCache = (build: (shape: Shape) => Namespace): NamespaceCache => {
  const clean = new Map<string, Namespace>();
  let out: Namespace | undefined;
  // One after the other: only so many calls may be under way at once.
  let closing = Promise.resolve();
  let retired = 0;
  const retire = (namespace: Namespace): void => {
    retired += 1;
    closing = closing.then(async () => {
      await namespace.close();
      retired -= 1;
    });
  };
  return {
    take: (shape) => {
      if (out) retire(out);
      const key = keyOf(shape);
      const known = clean.get(key);
      clean.delete(key);
      // Nothing is out if building fails.
      out = undefined;
      out = known ?? build(shape);
      return out;
    },
    giveBack: (shape, namespace) => {
      if (out !== namespace) return;
      out = undefined;
      clean.set(keyOf(shape), namespace);
      const [oldest] = clean;
      if (clean.size <= MOST_NAMESPACES || !oldest) return;
      clean.delete(oldest[0]);
      retire(oldest[1]);
    },
    crowded: () => (retired > MOST_NAMESPACES ? closing : undefined),
    close: async () => {
      for (const namespace of [...clean.values(), ...(out ? [out] : [])]) retire(namespace);
      clean.clear();
      out = undefined;
      await closing;
    },
  };
};
