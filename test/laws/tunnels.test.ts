/**
 * The RFC's network with many tunnels at once, in model, engine and kernel: TCP, UDP, ping, errors and fragments, there and
 * back.
 */
import { expect, test } from 'vitest';
import { accountOf } from '../../properties/account.ts';
import { tunnels as law } from '../../properties/laws/tunnels.ts';
import { run } from '../../properties/run.ts';
import type { Subject } from '../../properties/subject.ts';
import { answersTo, errorsTo, fragmentsOf, from, icmp, interleave, scenario, tcp, tunnelDevices, tunnels, udp, type Word } from '../../properties/words.ts';
import { firstDifference } from '../../spec/outcome.ts';
import type { Ipv4 } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { engineSubject } from '../../src/subjects/engine.ts';
import { modelSubject } from '../../src/subjects/model.ts';
import { kernelOr } from '../linux/kernel.ts';

const server = { destination: '198.51.100.9' };
const datagram = udp({ payload: '00'.repeat(8) }, server);
const everything: readonly Ipv4[] = [datagram, tcp({ sequence: 1000 }, server), icmp({}, server), ...fragmentsOf(udp({ sourcePort: 7, payload: '00'.repeat(40) }, server), 3)];

/** Each network sends the same, and then all of it is answered, and complained about. */
const talk = (count: number, packets: readonly Ipv4[]): Trace => {
  const zones = Array.from({ length: count }, (_, index) => index + 1);
  const sent: readonly Word[] = interleave(...zones.map((tunnel) => from(tunnelDevices(tunnel)[0], packets)));
  return scenario({ shows: `${count} networks talk at once.`, network: tunnels(...zones), events: [...sent, ...answersTo(sent), ...errorsTo(sent, 11, 0)] });
};

/** The law holds, the outcomes are the model's, and every answer and error reaches the tunnel that it is for. */
const check = async (subject: Subject, count: number, packets: readonly Ipv4[]): Promise<void> => {
  const trace = talk(count, packets);
  expect(law.boundary(trace)).toBe(true);
  expect(await law.check(subject, trace)).toEqual({ kind: 'held' });
  const seen = await run(subject, trace);
  expect(firstDifference(accountOf(trace, subject.capabilities.profile, seen), seen)).toBeUndefined();
  // What comes in pieces leaves with the last one.
  const datagrams = packets.filter(({ mf }) => !mf).length;
  const back = seen.slice(count * packets.length).filter(({ left }) => left.length > 0);
  expect(back).toHaveLength(2 * count * datagrams);
  for (const { event, left } of back) {
    const tunnel = ((event - 1) % count) + 1;
    expect(left.map(({ device }) => device)).toEqual([tunnelDevices(tunnel)[0]]);
  }
};

test.each([2, 16])('the model leads %d networks', (count) => check(modelSubject(), count, everything));
test('the model leads 256 networks', () => check(modelSubject(), 256, [datagram]));
test.each([2, 16, 256])('the engine leads %d networks', (count) => check(engineSubject(), count, everything));
test.for([2, 8])('the kernel leads %d networks', (count, { skip }) => check(kernelOr(skip), count, everything));
