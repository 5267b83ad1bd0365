/**
 * Rules: the many ways in which a device's packets come by a zone, or by none.
 */
import type { Assignment, Pass, Time, ZoneRule } from '../../spec/trace/network.ts';
import type { Zone, ZoneId } from '../../spec/zone.ts';
import type { Dice } from './dice.ts';

type Ids = readonly [ZoneId, ...ZoneId[]];

/**
 * `apart`: rules of all kinds that come to the same as the device's own zone before defragmentation. `shipped`: one way to
 * write it that people have. `anyhow`: whatever may stand in a table.
 */
export const rulesFor = (dice: Dice, how: 'apart' | 'shipped' | 'anyhow', id: ZoneId, ids: Ids): Pass => {
  if (how === 'apart') return assigned(EARLY, apart(dice, id, ids));
  if (how === 'shipped' || dice.chance(30)) return assigned(EARLY, shipped(dice, id));
  const own = dice.chance(40) ? { zone: anyZone(dice, ids) } : {};
  return { ...own, ...assigned(dice.among(EARLY, LATE), Array.from({ length: dice.among(0, 1, 1, 2, 2, 3, 4) }, () => anyRule(dice, ids))) };
};

const EARLY: Time = 'before-defragmentation';
const LATE: Time = 'after-defragmentation';

const assigned = (time: Time, rules: readonly ZoneRule[]): Pass => ({ assigned: time, ...(rules.length > 0 && { rules }) });

const rule = (assignment: Assignment, language: ZoneRule['language'], time: Time = EARLY): ZoneRule => ({ language, assigned: time, ...assignment });

/** Whatever is done first, what comes behind it changes nothing. */
const apart = (dice: Dice, id: ZoneId, ids: Ids): readonly ZoneRule[] => {
  const mark = rule({ does: 'mark', mark: markOf(dice, id) }, 'nft');
  const first = dice.among<readonly ZoneRule[]>(
    [rule({ does: 'zone', zone: { id, counts: 'both' } }, dice.among('nft', 'iptables'))],
    [mark, rule({ does: 'zone-from-mark', counts: 'both' }, 'nft')],
    [rule({ does: 'notrack' }, dice.among('nft', 'iptables')), rule({ does: 'zone', zone: { id, counts: 'both' } }, 'nft')],
  );
  const behind = Array.from({ length: dice.among(0, 1, 2) }, () => anyRule(dice, ids));
  return [...first, ...behind.map((one) => (one.does === 'zone' || one.does === 'zone-from-mark' ? { ...one, ...inBoth(one) } : one))];
};

const inBoth = (one: Assignment): Assignment => {
  if (one.does === 'zone') return { ...one, zone: { ...one.zone, counts: 'both' } };
  return one.does === 'zone-from-mark' ? { ...one, counts: 'both' } : one;
};

const shipped = (dice: Dice, id: ZoneId): readonly ZoneRule[] => {
  const mark = rule({ does: 'mark', mark: markOf(dice, id) }, 'nft');
  return dice.among<readonly ZoneRule[]>(
    [mark, rule({ does: 'zone-from-mark', counts: 'both' }, 'iptables')],
    [mark, rule({ does: 'zone-from-mark', counts: 'both' }, 'iptables', LATE)],
    [rule({ does: 'zone', zone: { id, counts: 'reply' } }, dice.among('nft', 'iptables'))],
    [rule({ does: 'zone', zone: { id, counts: 'original' } }, dice.among('nft', 'iptables'))],
    [rule({ does: 'zone', zone: { id, counts: 'both' } }, 'iptables', LATE)],
  );
};

/** The upper half of a mark is somebody else's. */
const markOf = (dice: Dice, id: ZoneId): number => id + dice.among(0, 0, 1, 0x8000) * 0x10000;

const anyZone = (dice: Dice, ids: Ids): Zone => ({ id: dice.chance(15) ? 0 : dice.among(...ids), counts: anyDirection(dice) });

const anyDirection = (dice: Dice): Zone['counts'] => dice.among('both', 'both', 'original', 'reply');

const anyRule = (dice: Dice, ids: Ids): ZoneRule => {
  const time = dice.among(EARLY, EARLY, LATE);
  switch (dice.among('zone', 'zone', 'zone-from-mark', 'mark', 'mark', 'notrack')) {
    case 'zone':
      return rule({ does: 'zone', zone: anyZone(dice, ids) }, dice.among('nft', 'iptables'), time);
    case 'zone-from-mark':
      return rule({ does: 'zone-from-mark', counts: anyDirection(dice) }, dice.among('nft', 'iptables'), time);
    case 'mark':
      return rule({ does: 'mark', mark: markOf(dice, dice.among(...ids)) }, 'nft', time);
    case 'notrack':
      return rule({ does: 'notrack' }, dice.among('nft', 'iptables'), time);
    default:
      throw new RangeError('rules: dice fall on a side that there is not');
  }
};
