/**
 * What Open vSwitch has beyond the traces of this suite: several zones in one pass, tracking without commitment, translation
 * with few ports, a helper, limits of zones, and commands for one zone. No model: a tenant sees alone what it sees beside
 * another one that uses the same addresses in other zones.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BACK, icmp, tcp, udp } from '../../properties/words.ts';
import type { Ipv4 } from '../../spec/trace/packet.ts';
import { bytesOf } from '../../spec/trace/packet.ts';
import { encode } from '../../src/packet/index.ts';
import { asking, PROGRAM } from '../../src/subjects/ovs/flows.ts';
import { frameOf } from '../../src/subjects/ovs/frames.ts';
import { findInstallation } from '../../src/subjects/ovs/installation.ts';
import { openSwitch, type Switch } from '../../src/subjects/ovs/switch.ts';
import { ovsOr } from './ovs.ts';

/** What a packet may ask for here, by the number that its frame carries. The second zone stands in the frame's fourth byte. */
const PROGRAMS = {
  'two zones': [8, 'move:NXM_OF_ETH_DST[16..23]->NXM_NX_REG3[0..7],ct(commit,zone=NXM_NX_REG0[0..15],table=3)'],
  'source translated': [3, 'ct(commit,zone=NXM_NX_REG0[0..15],nat(src=100.64.0.1:5000-5002),table=2)'],
  'translated back': [4, 'ct(zone=NXM_NX_REG0[0..15],nat,table=2)'],
  'not committed': [5, 'ct(zone=NXM_NX_REG0[0..15],table=2)'],
  'committed anew': [6, 'ct(commit,force,zone=NXM_NX_REG0[0..15],table=2)'],
  helper: [7, 'ct(commit,zone=NXM_NX_REG0[0..15],alg=ftp,table=2)'],
} as const;

type ProgramName = keyof typeof PROGRAMS;
const NAMES = ['two zones', 'source translated', 'translated back', 'not committed', 'committed anew', 'helper'] as const satisfies readonly ProgramName[];

const flowFor = (match: string, operation: number, actions: string): string => `table=0,${match},${asking(operation)},actions=${PROGRAM},${actions}`;

const FLOWS = [
  ...Object.entries(PROGRAMS).map(([name, [operation, actions]]) => flowFor(name === 'helper' ? 'tcp' : 'ip', operation, actions)),
  flowFor('priority=0,ip', PROGRAMS.helper[0], 'ct(commit,zone=NXM_NX_REG0[0..15],table=2)'),
  'table=3,ip,actions=ct(commit,zone=NXM_NX_REG3[0..15],table=2)',
].join('\n');

type Step =
  | { readonly tenant: number; readonly kind: 'packet'; readonly program: ProgramName; readonly packet: Ipv4; readonly zone: number; readonly second: number }
  | { readonly tenant: number; readonly kind: 'command'; readonly command: readonly [string, string] };

/** A small deterministic generator: no run differs from another. */
const diceFrom = (seed: number) => {
  let state = seed;
  return <T>(...choices: readonly [T, ...(readonly T[])]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return choices[(state >>> 16) % choices.length] ?? choices[0];
  };
};

const line = (text: string): string => [...new TextEncoder().encode(text)].map((byte) => bytesOf(byte, 1)).join('');
const PORT_COMMAND = line('PORT 10,0,0,1,4,1\r\n');

const packetFrom = (among: ReturnType<typeof diceFrom>): Ipv4 => {
  const sourcePort = among(1000, 2000, 5000);
  const back = { ...BACK, destination: among('10.0.0.1', '100.64.0.1') };
  return among<() => Ipv4>(
    () => udp({ sourcePort }),
    () => udp({ sourcePort: 2000, destinationPort: among(1000, 5000, 5001) }, back),
    () => icmp({ identifier: among(1, 2) }),
    () => icmp({ type: 0, identifier: among(1, 2) }, back),
    () => tcp({ flags: among('S', 'A', 'FA', 'R'), sequence: among(0, 1), acknowledgement: among(0, 1), sourcePort, destinationPort: 21 }),
    () => tcp({ flags: 'SA', acknowledgement: 1, sourcePort: 21, destinationPort: among(1000, 5000) }, back),
    () => tcp({ flags: 'A', sequence: 1, acknowledgement: 1, sourcePort: 1000, destinationPort: 21, payload: PORT_COMMAND }),
    () => tcp({ sourcePort: 20, destinationPort: 1025 }, BACK),
  )();
};

/** Zones whose numbers are easily taken for each other, two for each tenant. */
const ZONES: Readonly<Record<number, readonly [number, number]>> = { 1: [1, 2], 2: [257, 3] };

const stepsFrom = (seed: number): readonly Step[] => {
  const among = diceFrom(seed);
  return Array.from({ length: 24 }, (): Step => {
    const tenant = among(1, 2);
    const [zone, second] = ZONES[tenant] ?? [0, 0];
    const isCommand = among(true, false, false, false, false, false, false, false);
    const command = among<readonly [string, string]>(
      ['dpctl/flush-conntrack', `zone=${zone}`],
      ['dpctl/ct-set-limits', `zone=${zone},limit=${among(1, 2)}`],
      ['dpctl/ct-del-limits', `zone=${zone}`],
    );
    if (isCommand) return { tenant, kind: 'command', command };
    return { tenant, kind: 'packet', program: among(...NAMES), packet: packetFrom(among), zone, second };
  });
};

/** What left for each step, by its place; a command's answer. */
const play = async (ovs: Switch, steps: readonly Step[], only?: number): Promise<ReadonlyMap<number, string>> => {
  await ovs.clear();
  for (const zone of Object.values(ZONES).flat()) await ovs.command('dpctl/ct-del-limits', `zone=${zone}`);
  const seen = new Map<number, string>();
  for (const [place, step] of steps.entries()) {
    if (only !== undefined && step.tenant !== only) continue;
    if (step.kind === 'command') {
      seen.set(place, JSON.stringify(await ovs.command(...step.command)));
      continue;
    }
    const frame = frameOf({ operation: 0, zone: step.zone, rule: step.second, exit: step.tenant, number: place + 1 }, encode(step.packet));
    frame[1] = PROGRAMS[step.program][0];
    ovs.send(frame, 'table');
    for (const left of await ovs.flush()) {
      if (left.kind !== 'packet') continue;
      seen.set(left.number - 1, `exit ${left.exit} zone ${left.zone} state ${left.state} ${Buffer.from(left.packet).toString('hex')}`);
    }
  }
  return seen;
};

let ovs: Switch | undefined;
beforeAll(async () => {
  try {
    ovs = await openSwitch(findInstallation(), FLOWS);
  } catch {
    ovs = undefined;
  }
});
afterAll(() => ovs?.close());

test('200 random exchanges of two tenants, through passes that only Open vSwitch has, are apart', async ({ skip }) => {
  ovsOr(skip);
  const apart = ovs;
  if (!apart) throw new Error('the subject runs here, so the switch has to');
  const states = new Set<string>();
  for (let seed = 1; seed <= 200; seed += 1) {
    const steps = stepsFrom(seed);
    const together = await play(apart, steps);
    for (const text of together.values()) states.add(/state \d+/.exec(text)?.[0] ?? 'command');
    for (const tenant of [1, 2]) {
      const alone = await play(apart, steps, tenant);
      for (const [place, text] of alone) expect(together.get(place), `seed ${seed}, step ${place}: ${JSON.stringify(steps[place])}`).toBe(text);
    }
  }
  // New, established and replies, invalid, translated, and related by the helper: all of it was there.
  expect([...states].toSorted()).toEqual(expect.arrayContaining(['command', 'state 33', 'state 34', 'state 37', 'state 42', 'state 48', 'state 97']));
});

test('one zone for both tenants is noticed', async ({ skip }) => {
  ovsOr(skip);
  const shared = ovs;
  if (!shared) throw new Error('the subject runs here, so the switch has to');
  const differs = async (seed: number): Promise<boolean> => {
    const steps = stepsFrom(seed).map((step): Step => (step.kind === 'packet' ? { ...step, zone: 1 } : step));
    const [together, alone] = [await play(shared, steps), await play(shared, steps, 2)];
    return [...alone].some(([place, text]) => together.get(place) !== text);
  };
  let noticed = 0;
  for (let seed = 1; seed <= 20; seed += 1) if (await differs(seed)) noticed += 1;
  expect(noticed).toBeGreaterThan(5);
});
