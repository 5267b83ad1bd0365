/**
 * Eras: what zones meant when. A network names the semantics by which it is judged; without a name, those of today.
 *
 * An era is about zones and nothing else: protocols, fragments and timers are as they are today. What differs are rules
 * with their eras on them, which the table in era.md lists.
 *
 * Source: the RFC (14 January 2010); Linux 2.6.34 (5d0aa2ccd469), 4.3 (deedb59039f1), 5.15 (b16ac3c4c886), 6.8
 * (eff3c558bb7e).
 */
import type { Network, Pass } from './trace/network.ts';

/** In order of time. */
export const ERAS = [
  /** The RFC's own patch: a zone is a number of a device. */
  'rfc-2010',
  /** What was merged: a rule of iptables gives a zone, and commands know it. */
  'linux-2010',
  /** Zones that count in one direction, and zones from marks. */
  'linux-4.3',
  /** Halves stand where their own direction's zone puts them; commands filter by zone. */
  'linux-6.8',
] as const;

export type Era = (typeof ERAS)[number];

export const TODAY: Era = 'linux-6.8';

export const eraOf = ({ era }: Network): Era => era ?? TODAY;

/** Eras of rules. */
export const UNTIL_4_3: readonly Era[] = ['rfc-2010', 'linux-2010', 'linux-4.3'];
export const SINCE_2010: readonly Era[] = ['linux-2010', 'linux-4.3', 'linux-6.8'];
export const SINCE_4_3: readonly Era[] = ['linux-4.3', 'linux-6.8'];

/** Whether something had come to be by then. */
export const knows = (era: Era, since: Era): boolean => ERAS.indexOf(era) >= ERAS.indexOf(since);

/** What a network asks for that its era did not have, in a few words; undefined if there is nothing. */
export const anachronism = (network: Network): string | undefined => {
  const era = eraOf(network);
  const passes = network.devices.flatMap((device) => device.passes);
  if (!knows(era, 'linux-2010') && passes.some(({ rules }) => rules !== undefined)) return `rules that assign zones, which ${era} did not have`;
  if (!knows(era, 'linux-4.3') && passes.some(isOfToday)) return `marks, directions or rules of nft, which ${era} did not have`;
  return knows(era, 'linux-6.8') && network.extensions !== undefined ? `zone extensions that can run out, which ${era} has no more` : undefined;
};

const isOfToday = ({ zone, rules = [] }: Pass): boolean =>
  (zone && zone.counts !== 'both') || rules.some((rule) => rule.language === 'nft' || (rule.does === 'zone' ? rule.zone.counts !== 'both' : rule.does !== 'notrack'));
