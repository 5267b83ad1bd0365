/**
 * Refinement: outcomes are the model's. The one law that trusts the model; its profile is the subject's.
 */
import { withBehind } from '../../spec/extensions.ts';
import { firstDifference } from '../../spec/outcome.ts';
import type { Explained } from '../../spec/step.ts';
import type { Event } from '../../spec/trace/event.ts';
import type { Network } from '../../spec/trace/network.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { NO_NEXT_HEADER } from '../../spec/wire/extensions.ts';
import { writeTransport } from '../../spec/wire/transport.ts';
import { accountOf } from '../account.ts';
import { held, type Law, premiseNotMet, type Verdict, violated } from '../law.ts';
import { run } from '../run.ts';
import type { Subject } from '../subject.ts';
import { memoised } from '../tenants.ts';

export const refinement: Law = {
  id: 'refinement',
  sentence: "Outcomes are the model's.",
  needs: ['labels'],

  /** Whatever the model can play, it judges. */
  boundary: () => true,

  check: (subject, trace) => compare(subject, trace, trace),

  canaries: [
    {
      id: 'other order',
      sentence: 'The model assigns zones on the other side of defragmentation.',
      fits: ({ profile }) => profile.datapath === 'linux',
      check: (subject, trace) => compare(subject, trace, { ...trace, network: inOtherOrder(trace.network) }),
    },
    {
      id: 'one zone',
      sentence: 'The model takes all zones for one.',
      fits: () => true,
      check: (subject, trace) => compare(subject, trace, { ...trace, network: inOneZone(trace.network) }),
    },
    {
      id: 'headers end',
      sentence: 'The model takes the extension headers of IPv6 for the end of a packet.',
      fits: ({ ipv6, profile }) => ipv6 && profile.datapath === 'linux',
      check: (subject, trace) => compare(subject, trace, { ...trace, events: trace.events.map(endingInHeaders) }),
    },
  ],
};

/** What the model expected of each event of a trace that a subject played: for stories and for coverage of rules. */
export const explanationOf = (subject: Subject, trace: Trace): Promise<readonly Explained[]> => accounts(subject)(trace);

const accounts = memoised((subject: Subject) =>
  memoised(async (trace: Trace) => accountOf(trace, subject.capabilities.profile, await run(subject, trace))),
);

const compare = async (subject: Subject, trace: Trace, judgedAs: Trace): Promise<Verdict> => {
  if (subject.capabilities.incomparable(trace) !== undefined) return premiseNotMet;
  const seen = await run(subject, trace);
  const expected =
    judgedAs === trace
      ? await accounts(subject)(trace)
      : accountOf(judgedAs, subject.capabilities.profile, seen);
  const difference = firstDifference(expected, seen);
  return difference ? violated(difference) : held;
};

const inOneZone = (network: Network): Network => ({
  ...network,
  devices: network.devices.map((device) => ({ ...device, passes: device.passes.map(({ assigned }) => ({ assigned })) })),
});

/** The last header says that nothing follows; what stands there nevertheless goes on as it is. */
const endingInHeaders = (event: Event): Event =>
  event.kind === 'receive' && event.packet.kind === 'ipv6' && event.packet.extensions.length > 0
    ? { ...event, packet: withBehind(event.packet, event.packet.extensions, NO_NEXT_HEADER, writeTransport(event.packet)) }
    : event;

const inOtherOrder = (network: Network): Network => ({
  ...network,
  devices: network.devices.map((device) => ({
    ...device,
    passes: device.passes.map((pass) => ({
      ...pass,
      assigned: pass.assigned === 'before-defragmentation' ? 'after-defragmentation' : 'before-defragmentation',
    })),
  })),
});
