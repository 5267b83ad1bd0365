/**
 * What the model says of an event, in the short lines that stand as comments on packets.
 *
 * A comment that begins with `event N:` opens an event; those after it are about the same one.
 */
import type { Explained, Network } from '../../spec/index.ts';
import type { Event, Playable } from '../../spec/trace/event.ts';
import type { Device } from '../../spec/trace/network.ts';
import type { Departure, Tracked } from '../../spec/trace/outcome.ts';
import { commandWords, outcomeWords, ruleWords, zoneName } from '../report/words.ts';
import { tenantOfDevice } from '../../properties/tenants.ts';

/** A packet arrives: on what, what became of it, and by which rules. */
export const arrivalComments = (event: Extract<Playable, { kind: 'receive' }>, said: Explained): readonly string[] => [
  `event ${event.id}: arrives on ${event.device}`,
  said.unspecified === undefined ? `${trackedText(said)}; ${fateText(said)}` : `not modelled: ${said.unspecified}`,
  `rules: ${said.rules.join(', ')}`,
];

/** One piece of what left. `piece` counts from 0. */
export const departureComments = (departure: Departure, piece: number, said: Explained): readonly string[] => {
  const { length } = departure.pieces;
  const part = length === 1 ? '' : `, piece ${piece + 1} of ${length}`;
  return [`event ${said.event}: leaves by ${departure.device}${part}`, trackedText(said)];
};

/** An event without a packet: time passes, control is asked, or a reaction has nothing to be made of. */
export const silentComment = (event: Event, said: Explained): string => {
  const rules = said.rules.length === 0 ? '' : `; rules: ${said.rules.join(', ')}`;
  if (event.kind === 'control') return [`event ${event.id}: ${commandWords(event)}`, ...outcomeWords(said)].join('; ') + rules;
  return event.kind === 'advance'
    ? `event ${event.id}: ${event.milliseconds} ms pass${rules}`
    : `event ${event.id}: skipped, because what it ${event.kind === 'error' ? 'is about' : 'answers'} did not leave`;
};

/** `zone 1, tenant 1; assigned before defragmentation; what arrives leaves by t1b`; what rules do stands before the end. */
export const deviceText = (device: Device, network: Network): string => {
  const tenant = tenantOfDevice(network, device.name);
  const passes = device.passes.flatMap(({ zone, assigned, rules = [] }) => [
    `${zone ? zoneName(zone) : 'no zone'}, ${tenant === undefined ? 'no tenant' : `tenant ${tenant}`}; assigned ${assigned.replace('-', ' ')}`,
    ...rules.map((rule) => `${ruleWords(rule)} ${rule.assigned.replace('-', ' ')}`),
  ]);
  return [...passes, `what arrives leaves by ${device.exit}`].join('; ');
};

const trackedText = ({ passes }: Explained): string => passes.map(passText).join('; ') || 'not tracked';

const passText = (pass: Tracked): string =>
  'zone' in pass ? `${pass.state}, ${pass.direction}, zone ${pass.zone}, connection ${pass.connection}` : pass.state;

const fateText = ({ left, rules }: Explained): string => {
  if (left.length > 0) return left.map(({ device, pieces }) => `leaves by ${device}${pieces.length === 1 ? '' : ` in ${pieces.length} pieces`}`).join('; ');
  return rules.includes('fragments.held') ? 'held' : 'nothing leaves';
};
