/**
 * Expectations: what connections announce, and what their helpers remember to read that.
 *
 * A connection expects one other at most, so its own number names what it expects, and all that there is has its place
 * from the start. What is expected is found by a key of its own, in which the zone is the id as it was assigned, whatever
 * the directions in which it counts.
 *
 * Source: nf_conntrack_expect.c, nf_conntrack_ftp.c help().
 */
import { assert } from './assert.ts';
import { hashKey } from './hash.ts';
import { addKey, clearKeys, createKeyIndex, findKey, type KeyIndex, removeKey } from './key-index.ts';
import { float, word } from './memory.ts';
import { NONE } from './pool.ts';

/** How long something is expected. */
const EXPECTED_MS = 300_000;

/** What a connection is to its helper: nothing, read, and read while it expects another one. */
const UNHELPED = 0;
const HELPED = 1;
const EXPECTING = 2;

/** Of each half the number of lines that are known, and where two of them begin. */
const HALF_WORDS = 3;

export type Help = {
  readonly role: Int32Array;
  /** 1 if another connection expected this one. */
  readonly expected: Int32Array;
  readonly lines: Int32Array;
  /** What connections expect, by their numbers. */
  readonly index: KeyIndex;
  readonly dueMs: Float64Array;
  /** Connections that expect another one, or did until its time came. */
  expecting: number;
  /** Whether what is expected in one zone is in the way in all, as before Linux 4.3. */
  acrossZones: boolean;
  readonly hashSeed: number;
};

export const createHelp = (connectionsMax: number, hashSeed: number): Help => ({
  role: new Int32Array(connectionsMax),
  expected: new Int32Array(connectionsMax),
  lines: new Int32Array(connectionsMax * HALF_WORDS * 2),
  index: createKeyIndex(connectionsMax),
  dueMs: new Float64Array(connectionsMax),
  expecting: 0,
  acrossZones: false,
  hashSeed,
});

/** Connections below `used` are all that were there. */
export const clearHelp = (help: Help, used: number): void => {
  clearKeys(help.index, used);
  help.role.fill(UNHELPED, 0, used);
  help.expecting = 0;
};

/** A connection begins: helped or not, expected or not. */
export const beginHelp = (help: Help, connection: number, isHelped: boolean, isExpected: boolean): void => {
  help.role[connection] = isHelped ? HELPED : UNHELPED;
  help.expected[connection] = isExpected ? 1 : 0;
  if (isHelped) help.lines.fill(0, connection * HALF_WORDS * 2, (connection + 1) * HALF_WORDS * 2);
};

/** A connection ends, and what it expects with it. */
export const endHelp = (help: Help, connection: number): void => {
  if (word(help.role, connection) === EXPECTING) expectNothing(help, connection);
  help.role[connection] = UNHELPED;
};

export const isHelped = ({ role }: Help, connection: number): boolean => word(role, connection) !== UNHELPED;

export const isExpected = ({ expected }: Help, connection: number): boolean => word(expected, connection) === 1;

/** Whether a new connection is expected, which then nobody does any more. `port`: where it goes; `zone`: the id as it was assigned. */
export const meetExpectation = (help: Help, source: number, destination: number, port: number, family: number, zone: number, nowMs: number): boolean => {
  if (help.expecting === 0) return false;
  const master = masterOf(help, source, destination, lastPort(port, family), zone, nowMs);
  if (master === NONE) return false;
  expectNothing(help, master);
  return true;
};

/** A connection expects another one from now on. False if it cannot, because another connection does. */
export const expectConnection = (help: Help, connection: number, source: number, destination: number, port: number, family: number, zone: number, nowMs: number): boolean => {
  const w2 = lastPort(port, family);
  const master = help.acrossZones ? anyMasterOf(help, source, destination, w2, nowMs) : masterOf(help, source, destination, w2, zone, nowMs);
  if (master !== NONE && master !== connection) return false;
  if (word(help.role, connection) === EXPECTING) expectNothing(help, connection);
  const owner = addKey(help.index, connection, hashKey(help.hashSeed, source, destination, w2, zone), source, destination, w2, zone);
  assert(owner === NONE, 'nobody else expects it');
  help.role[connection] = EXPECTING;
  help.dueMs[connection] = nowMs + EXPECTED_MS;
  help.expecting++;
  return true;
};

/** A port and the version of IP in one word. */
const lastPort = (port: number, family: number): number => (family << 16) | port;

/** Who expects it; what was expected too long ago is forgotten on the way. */
const masterOf = (help: Help, w0: number, w1: number, w2: number, w3: number, nowMs: number): number =>
  stillExpecting(help, findKey(help.index, hashKey(help.hashSeed, w0, w1, w2, w3), w0, w1, w2, w3), nowMs);

/** The same in any zone. */
const anyMasterOf = (help: Help, w0: number, w1: number, w2: number, nowMs: number): number => {
  const { words } = help.index;
  for (let connection = 0; connection < help.role.length; connection++) {
    const at = connection * 4;
    const isSame = word(help.role, connection) === EXPECTING && word(words, at) === w0 && word(words, at + 1) === w1 && word(words, at + 2) === w2;
    if (isSame && stillExpecting(help, connection, nowMs) !== NONE) return connection;
  }
  return NONE;
};

const stillExpecting = (help: Help, connection: number, nowMs: number): number => {
  if (connection === NONE || float(help.dueMs, connection) > nowMs) return connection;
  expectNothing(help, connection);
  return NONE;
};

const expectNothing = (help: Help, connection: number): void => {
  removeKey(help.index, connection);
  help.role[connection] = HELPED;
  help.expecting--;
};

/** Whether a line of a half is known to begin here. */
export const beginsLine = ({ lines }: Help, connection: number, half: number, sequence: number): boolean => {
  const at = (connection * 2 + half) * HALF_WORDS;
  const known = word(lines, at);
  return (known > 0 && word(lines, at + 1) === sequence) || (known > 1 && word(lines, at + 2) === sequence);
};

/** A line of a half begins here. Of three the latest two are known, but none comes in the place of a later one. */
export const rememberLine = (help: Help, connection: number, half: number, sequence: number): void => {
  const { lines } = help;
  if (beginsLine(help, connection, half, sequence)) return;
  const at = (connection * 2 + half) * HALF_WORDS;
  const known = word(lines, at);
  if (known < 2) {
    lines[at] = known + 1;
    lines[at + 1 + known] = sequence;
    return;
  }
  const oldest = isBefore(word(lines, at + 1), word(lines, at + 2)) ? at + 1 : at + 2;
  if (isBefore(word(lines, oldest), sequence)) lines[oldest] = sequence;
};

const isBefore = (one: number, other: number): boolean => ((one - other) | 0) < 0;
