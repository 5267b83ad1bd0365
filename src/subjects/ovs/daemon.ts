/**
 * The daemon: an ovsdb-server and an ovs-vswitchd of our own, in a private directory, that end when we do.
 *
 * A dummy datapath needs no kernel, no device and no root. Time stands still in it from the start on, and moves when it is
 * told to.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { flows } from './flows.ts';
import { INPUT_PORT, OUTPUT_PORT } from './frames.ts';
import { type CommandLine, type Installation, type ProgramName } from './installation.ts';
import { Unavailable } from '../unavailable.ts';
import { type OpenFlow, openOpenFlow } from './openflow.ts';
import { type Sweepers, sweepersOf } from './threads.ts';
import { connected, openUnixctl, type Unixctl } from './unixctl.ts';

export type Daemon = {
  readonly control: Unixctl;
  readonly openFlow: OpenFlow;
  readonly sweepers: Sweepers;
  /** Adds flows, one a line. @throws Error if they are refused. */
  readonly addFlows: (lines: string) => void;
  /** What left so far, as a growing pcap file. */
  readonly output: string;
  /** How ovs-vswitchd ended, if it did, in words. */
  readonly ended: () => string | undefined;
  /** Resolves when it has ended. */
  readonly end: Promise<void>;
  /** Ends both processes, whatever they are doing, and removes the directory. */
  readonly stop: () => Promise<void>;
};

/** The longest packet, so that none is refused for its size. */
const MTU = 65_535;
/** The smallest that may be demanded of a fragment which is not the last (IPF_V4_FRAG_SIZE_LBOUND and IPv6's), in bytes. */
export const LEAST_FRAGMENT = 400;
const START_MS = 20_000;

/** `more` are flows beside those that subjects are driven by (flows.ts), one a line. @throws Unavailable if it does not start. */
export const startDaemon = async (installation: Installation, more: string): Promise<Daemon> => {
  const home = newHome(installation);
  try {
    return await started(installation, home, more);
  } catch (error) {
    await home.clear();
    if (error instanceof Unavailable) throw error;
    throw new Unavailable(`Open vSwitch ${installation.version} does not start (${messageOf(error)}).`, 'Run `zoneproof doctor --subject ovs` to see which step fails.');
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A private directory, and the processes that run in it. */
type Home = {
  /** The path of a file in it. */
  readonly file: (name: string) => string;
  /** Runs a program to its end. */
  readonly run: (program: ProgramName, ...args: readonly string[]) => void;
  readonly background: (program: ProgramName, ...args: readonly string[]) => ChildProcess;
  /** Ends all processes and removes the directory. */
  readonly clear: () => Promise<void>;
};

/**
 * Without a cache for each thread, glibc looks at a piece of memory whenever it is given back: who wrote beyond one ends at
 * once, and not later, sometimes, in another trace.
 */
const SENSITIVE = { GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0' } as const;

/** In memory, where there is such a place: each packet that leaves is written to a file. */
export const HOMES = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const PREFIX = 'zoneproof-ovs-';

/** A process that is killed leaves its directory; its daemons are gone with it. */
const clearLeftovers = (): void => {
  for (const name of readdirSync(HOMES)) {
    const pid = name.startsWith(PREFIX) ? /^\d+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined;
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    try {
      rmSync(path.join(HOMES, name), { recursive: true, force: true });
    } catch {
      // It is another user's.
    }
  }
};

const newHome = (installation: Installation): Home => {
  clearLeftovers();
  const directory = mkdtempSync(path.join(HOMES, `${PREFIX}${process.pid}-`));
  const children: ChildProcess[] = [];
  const file = (name: string): string => path.join(directory, name);
  const env = { ...process.env, ...SENSITIVE, OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory, OVS_SYSCONFDIR: directory };
  return {
    file,
    run: (program, ...args) => {
      const [name, ...rest] = installation.command(program, ...args);
      const { status, stderr, error } = spawnSync(name, rest, { env, encoding: 'utf8', timeout: START_MS });
      if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? ''}`);
    },
    background: (program, ...args) => {
      const [name, ...rest] = dyingWithUs(installation.command(program, ...args));
      const said = openSync(file(`${program}.out`), 'a');
      const child = spawn(name, rest, { env, stdio: ['ignore', said, said] });
      closeSync(said);
      children.push(child);
      return child;
    },
    clear: async () => {
      await Promise.all(children.map(killed));
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const started = async (installation: Installation, home: Home, more: string): Promise<Daemon> => {
  const { file } = home;
  await configure(installation, home);
  const daemon = home.background('ovs-vswitchd', `unix:${file('db.sock')}`, `--unixctl=${file('v.ctl')}`, ...DAEMON_OPTIONS);
  await until(async () => existsSync(file('out.pcap')) && (await listens(file('v.ctl'))) && listens(file('br0.mgmt')), daemon, 'ovs-vswitchd');
  const addFlows = (lines: string): void => {
    writeFileSync(file('flows'), `${lines}\n`);
    home.run('ovs-ofctl', '-OOpenFlow13', 'add-flows', `unix:${file('br0.mgmt')}`, file('flows'));
  };
  addFlows(`${flows()}\n${more}`);
  const control = await openUnixctl(file('v.ctl'));
  for (const [method, ...params] of SETTINGS) {
    const { ok, text } = await control.call(method, ...params);
    if (!ok) throw new Error(`${[method, ...params].join(' ')}: ${text.trim()}`);
  }
  const openFlow = await openOpenFlow(file('br0.mgmt'));
  openFlow.addEnd();
  await openFlow.flush();
  return {
    control,
    openFlow,
    sweepers: sweepersOf(daemon.pid ?? 0),
    addFlows,
    output: file('out.pcap'),
    ended: () => withLastWords(endOf(daemon), file('ovs-vswitchd.out')),
    end: new Promise((resolve) => {
      daemon.once('exit', () => resolve());
    }),
    stop: async () => {
      openFlow.close();
      control.close();
      await home.clear();
    },
  };
};

const DAEMON_OPTIONS = ['--enable-dummy=override', '--disable-system', '--disable-system-route', '--no-chdir', '-vconsole:emer', '-vsyslog:off'];

/** Time stands still, and fragments may be as short as they can be had. */
const SETTINGS: readonly CommandLine[] = [
  ['time/stop'],
  ['dpctl/ipf-set-min-frag', 'v4', String(LEAST_FRAGMENT)],
  ['dpctl/ipf-set-min-frag', 'v6', String(LEAST_FRAGMENT)],
];

/** A bridge with two ports, in a database that the daemon then finds. */
const configure = async ({ schema }: Installation, { file, run, background }: Home): Promise<void> => {
  run('ovsdb-tool', 'create', file('conf.db'), schema);
  const options = [`--remote=punix:${file('db.sock')}`, `--unixctl=${file('db.ctl')}`, '--no-chdir', '-vconsole:off', '-vsyslog:off'];
  const database = background('ovsdb-server', file('conf.db'), ...options);
  await until(() => listens(file('db.sock')), database, 'ovsdb-server');
  const commands = ['init', 'add-br br0', 'set bridge br0 datapath_type=dummy fail_mode=secure', 'set open . other_config:emc-insert-inv-prob=1', ...port('in', INPUT_PORT), ...port('out', OUTPUT_PORT)];
  const words = [...commands, `set interface out options:tx_pcap=${file('out.pcap')}`].flatMap((command) => ['--', ...command.split(' ')]);
  run('ovs-vsctl', `--db=unix:${file('db.sock')}`, '--no-wait', ...words);
};

const port = (name: string, number: number): readonly string[] => [
  `add-port br0 ${name}`,
  `set interface ${name} type=dummy ofport_request=${number} mtu_request=${MTU}`,
];

/** The kernel ends the command when the thread that started it is gone, however that came about. */
const dyingWithUs = (command: CommandLine): CommandLine => ['setpriv', '--pdeathsig', 'KILL', ...command];

const endOf = ({ exitCode, signalCode, pid }: ChildProcess): string | undefined => {
  if (pid === undefined) return 'setpriv does not start; install util-linux';
  if (signalCode !== null) return `ended by ${signalCode}`;
  return exitCode === null ? undefined : `ended with status ${exitCode}`;
};

/** What a daemon that aborts says of why, or its C library, which finds memory corrupted. */
const withLastWords = (end: string | undefined, file: string): string | undefined => {
  if (end === undefined || !existsSync(file)) return end;
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const said = lines.findLast((line) => /EMER|assert/i.test(line)) ?? lines.at(-1) ?? '';
  return said === '' ? end : `${end}: ${said.replace(/^[^|]*\|\d+\|/, '')}`;
};

const killed = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
    return undefined;
  });

/** A socket is there a moment before it can be connected to. */
const listens = async (socket: string): Promise<boolean> => {
  try {
    (await connected(socket)).destroy();
    return true;
  } catch {
    return false;
  }
};

const until = async (isThere: () => Promise<boolean>, child: ChildProcess, what: string): Promise<void> => {
  const startMs = performance.now();
  while (!(await isThere())) {
    const ended = endOf(child);
    if (ended !== undefined) throw new Error(`${what} ${ended}`);
    if (performance.now() - startMs > START_MS) throw new Error(`${what} is not there after ${START_MS / 1000} s`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
};
