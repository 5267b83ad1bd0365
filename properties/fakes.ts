/** Small implementations for the tests of laws: the model, right or with one mistake. */
import { ERAS } from '../spec/era.ts';
import { modelOf } from '../spec/model.ts';
import { type Profile, REFERENCE } from '../spec/profile.ts';
import { COMMANDS, type Playable } from '../spec/trace/event.ts';
import type { Network } from '../spec/trace/network.ts';
import type { Outcome } from '../spec/trace/outcome.ts';
import { ALL_LIMITS } from './limits.ts';
import type { Capabilities, Subject } from './subject.ts';

export const CAPABILITIES: Capabilities = {
  clockMs: 1,
  ipv6: true,
  nat: true,
  addressByZone: false,
  rawBytes: true,
  labels: true,
  commands: COMMANDS,
  zones: { from: 1, to: 65535 },
  rules: true,
  eras: ERAS,
  limits: ALL_LIMITS,
  devices: 64,
  profile: REFERENCE,
  excludes: () => undefined,
  incomparable: () => undefined,
};

/** What goes wrong: another network is opened, or an outcome is told differently. */
export type Mistake = {
  readonly network?: (network: Network) => Network;
  readonly event?: (event: Playable) => Playable;
  readonly outcome?: (outcome: Outcome, event: Playable) => Outcome;
  readonly capabilities?: Partial<Capabilities>;
};

/** The model as a subject, with a mistake. */
export const subjectOf = ({
  network: open = (network) => network,
  event: hear = (event) => event,
  outcome: tell = (outcome) => outcome,
  capabilities = {},
}: Mistake = {}): Subject => ({
  name: 'fake',
  version: '0',
  capabilities: { ...CAPABILITIES, ...capabilities },
  open: (network) => {
    const profile: Profile = capabilities.profile ?? REFERENCE;
    let model = modelOf(open(network), profile);
    return {
      feed: (events) =>
        events.map((event) => {
          const next = model.step(hear(event));
          model = next.model;
          return tell(next.outcome, event);
        }),
      close: () => undefined,
    };
  },
  close: () => undefined,
});
