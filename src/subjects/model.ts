/**
 * The reference model as a subject: it is judged by the same laws as everything else.
 */
import { COMMANDS, modelOf, type Profile, REFERENCE, type Playable, type Network } from '../../spec/index.ts';
import { ALL_LIMITS } from '../../properties/limits.ts';
import { ERAS } from '../../spec/era.ts';
import type { Session, Subject } from '../../properties/subject.ts';
import { VERSION } from '../version.ts';

/** Set by a profile, the model stands for the implementation that the profile describes. */
export const modelSubject = (profile: Profile = REFERENCE): Subject => ({
  name: 'model',
  version: VERSION,
  capabilities: {
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
    profile,
    excludes: () => undefined,
    incomparable: () => undefined,
  },
  open: (network) => openModel(network, profile),
  close: () => {},
});

const openModel = (network: Network, profile: Profile): Session => {
  let model = modelOf(network, profile);
  const play = (event: Playable) => {
    const after = model.step(event);
    model = after.model;
    return after.outcome;
  };
  return { feed: (events) => events.map(play), close: () => {} };
};
