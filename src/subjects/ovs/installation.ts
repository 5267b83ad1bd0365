/**
 * An installation of Open vSwitch: where its programs are, and how they are started.
 *
 * The system's own, or one that was unpacked into a directory, which then brings its own dynamic loader and libraries: a
 * newer version than the system's can be judged without being installed.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';
import { Unavailable } from '../unavailable.ts';

/** Where distributions put each program, from the root of an installation; the first that is there is taken. */
const PROGRAMS = {
  'ovs-vswitchd': ['usr/lib/openvswitch-switch/ovs-vswitchd', 'usr/sbin/ovs-vswitchd', 'usr/local/sbin/ovs-vswitchd'],
  'ovsdb-server': ['usr/sbin/ovsdb-server', 'usr/local/sbin/ovsdb-server'],
  'ovsdb-tool': ['usr/bin/ovsdb-tool', 'usr/local/bin/ovsdb-tool'],
  'ovs-vsctl': ['usr/bin/ovs-vsctl', 'usr/local/bin/ovs-vsctl'],
  'ovs-ofctl': ['usr/bin/ovs-ofctl', 'usr/local/bin/ovs-ofctl'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ProgramName = keyof typeof PROGRAMS;

/** A program and its arguments. */
export type CommandLine = readonly [string, ...(readonly string[])];

export type Installation = {
  /** As the daemon says, `3.1.0` for example. */
  readonly version: string;
  /** The description of the database that configures the switch. */
  readonly schema: string;
  /** How to start a program with arguments. */
  readonly command: (program: ProgramName, ...args: readonly string[]) => CommandLine;
};

const SCHEMAS = ['usr/share/openvswitch/vswitch.ovsschema', 'usr/local/share/openvswitch/vswitch.ovsschema'];
const REMEDY = 'Install openvswitch-switch, or name another installation with --ovs-root.';

/** @throws Unavailable with what is missing. */
export const findInstallation = (root = '/'): Installation => {
  const loader = root === '/' ? [] : loaderOf(root);
  const command = (program: ProgramName, ...args: readonly string[]): CommandLine => {
    const [first, ...rest] = [...loader, fileIn(root, PROGRAMS[program], program), ...args];
    return [first ?? program, ...rest];
  };
  for (const [program, places] of Object.entries(PROGRAMS)) fileIn(root, places, program);
  const schema = fileIn(root, SCHEMAS, 'vswitch.ovsschema');
  return { version: versionOf(command('ovs-vswitchd', '--version')), schema, command };
};

const fileIn = (root: string, places: readonly string[], what: string): string => {
  const found = places.map((place) => path.join(root, place)).find(isReadable);
  if (found === undefined) throw new Unavailable(`There is no ${what} ${root === '/' ? 'on this machine' : `in ${root}`}.`, REMEDY);
  return found;
};

const isReadable = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** The loader of an unpacked installation, with its libraries; nothing if it has none and the system's has to do. */
const loaderOf = (root: string): readonly string[] => {
  const loader = ['usr/lib64', 'lib64', 'usr/lib', 'lib']
    .flatMap((place) => filesIn(path.join(root, place)))
    .find((file) => path.basename(file).startsWith('ld-linux') && isReadable(file));
  if (loader === undefined) return [];
  const libraries = ['usr/lib', 'lib'].flatMap((place) => filesIn(path.join(root, place))).filter((file) => file.endsWith('-linux-gnu'));
  return [loader, '--library-path', libraries.join(':')];
};

const filesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).map((name) => path.join(directory, name));
  } catch {
    return [];
  }
};

const versionOf = ([file, ...args]: CommandLine): string => {
  const { stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', timeout: 10_000 });
  const version = /\(Open vSwitch\) (\S+)/.exec(stdout ?? '')?.[1];
  if (version !== undefined) return version;
  const why = error?.message ?? stderr.split('\n')[0] ?? '';
  throw new Unavailable(`ovs-vswitchd does not say its version (${why}).`, REMEDY);
};
