/**
 * The model of an implementation: a router as Linux is one (step.ts), or a switch as Open vSwitch is one
 * (open-vswitch/step.ts), whichever a profile names. To whoever plays events they are the same.
 */
import { match } from 'ts-pattern';
import type { Evict } from './counting.ts';
import type { Choose } from './nat.ts';
import { initialOvs, stepOvs } from './open-vswitch/step.ts';
import { type Profile, REFERENCE } from './profile.ts';
import { type Explained, initial, type Step, step } from './step.ts';
import type { Playable } from './trace/event.ts';
import type { Network } from './trace/network.ts';

/** A network after what happened to it so far. */
export type Model = {
  /** What an event does to it. `choose` takes one of several ends to which a connection may be translated, `evict` those that end where the table is full. */
  readonly step: (event: Playable, choose?: Choose, evict?: Evict) => { readonly model: Model; readonly outcome: Explained };
};

/** A network to which nothing has happened. */
export const modelOf = (network: Network, profile: Profile = REFERENCE): Model =>
  match(profile.datapath)
    .with('linux', () => held(initial(network, profile), step))
    .with('open-vswitch', () => held(initialOvs(network, profile), stepOvs))
    .exhaustive();

const held = <State>(state: State, play: (state: State, event: Playable, choose?: Choose, evict?: Evict) => Step<State>): Model => ({
  step: (event, choose, evict) => {
    const { state: after, outcome } = play(state, event, choose, evict);
    return { model: held(after, play), outcome };
  },
});
