/** The laws, in the order in which people should read them. */
import type { Law } from '../law.ts';
import { clock } from './clock.ts';
import { conservation } from './conservation.ts';
import { constancy } from './constancy.ts';
import { control } from './control.ts';
import { counting } from './counting.ts';
import { defaultZone } from './default-zone.ts';
import { determinism } from './determinism.ts';
import { identity } from './identity.ts';
import { interleaving } from './interleaving.ts';
import { oneOwner } from './one-owner.ts';
import { reassembly } from './reassembly.ts';
import { refinement } from './refinement.ts';
import { relatedness } from './relatedness.ts';
import { renaming } from './renaming.ts';
import { replySymmetry } from './reply-symmetry.ts';
import { representation } from './representation.ts';
import { robustness } from './robustness.ts';
import { solitude } from './solitude.ts';
import { translation } from './translation.ts';
import { tunnels } from './tunnels.ts';

export const laws: readonly Law[] = [
  identity,
  solitude,
  renaming,
  interleaving,
  reassembly,
  conservation,
  defaultZone,
  representation,
  oneOwner,
  constancy,
  control,
  counting,
  clock,
  replySymmetry,
  relatedness,
  translation,
  tunnels,
  robustness,
  determinism,
  refinement,
];
