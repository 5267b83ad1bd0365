/**
 * Networks: tenants of two devices each, in zones whose ids are easily taken for each other.
 */
import { anachronism, TODAY } from '../../spec/era.ts';
import type { Device, FragmentLimits, Network, Pass, TcpSettings, Tenant, Timeouts } from '../../spec/trace/network.ts';
import type { ZoneId } from '../../spec/zone.ts';
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS, TIMEOUT_NAMES } from '../../spec/timeouts.ts';
import type { Capabilities } from '../subject.ts';
import type { Terrain } from '../terrain.ts';
import { assignedLate, tunnels } from '../words.ts';
import { type Dice, nonEmpty } from './dice.ts';
import type { Version } from './features.ts';
import { perhapsHelped } from './ftp.ts';
import { limited } from './limits.ts';
import { translations } from './nat.ts';
import { rulesFor } from './rules.ts';

/** Most networks in `apart` stay inside the boundaries of all laws; the others are there for refinement. */
export const network = (dice: Dice, capabilities: Capabilities, terrain: Terrain): Network => {
  if (capabilities.nat && capabilities.pairs && terrain === 'apart' && capabilities.devices >= LEAST_FOR_TUNNELS && dice.chance(6)) return rfc(dice, capabilities);
  const isolated = terrain === 'apart' && dice.chance(75);
  const ownZones = isolated || terrain === 'shipped' || dice.chance(50);
  const numbers = Array.from({ length: tenantCount(dice, capabilities) }, (_, index) => index + 1);
  const ids = nonEmpty(zoneIds(dice, numbers.length, capabilities.zones));
  const early = isolated || dice.chance(50);
  const mixed = !ownZones && dice.chance(60);
  // Rules grow: some tenants' zones are assigned by old ones, others' by new ones.
  const grown = terrain === 'shipped' && dice.chance(40);
  const ruled = capabilities.rules && dice.chance(isolated ? 8 : RULED[terrain]);
  const ruledPass = (id: ZoneId): Pass => rulesFor(dice, isolated ? 'apart' : terrain === 'shipped' ? 'shipped' : 'anyhow', id, ids);
  const anyPass = (): Pass => (ruled ? ruledPass(dice.among(...ids)) : passInto(dice, dice.chance(50) ? 0 : dice.among(...ids), dice.chance(50)));
  const translated = capabilities.nat && terrain === 'apart' && dice.chance(25);
  const versions = dice.among<readonly Version[]>([4, 6], [4, 6], [4], [6]).filter((version) => version === 4 || capabilities.nat6);
  const tenants = numbers.map(tenant);
  const devices = tenants.flatMap(({ devices: [inside = '', outside = ''] }, index) => {
    const id = ownZones ? (ids[index] ?? 0) : dice.among(...ids);
    const passes = [mixed ? anyPass() : ruled ? ruledPass(id) : passInto(dice, id, grown ? dice.chance(50) : early)];
    const nat = translated ? translations(dice, versions) : undefined;
    return [
      { name: inside, passes, exit: outside, ...nat?.inside },
      { name: outside, passes: mixed ? [anyPass()] : passes, exit: inside, ...nat?.outside },
    ] satisfies Device[];
  });
  const drawn: Network = { devices, tenants, timeouts: timeouts(dice, capabilities), tcp: tcpSettings(dice), fragments: limits(dice, isolated, terrain) };
  const dated = terrain === 'apart' && !isolated && dice.chance(25) ? ofAnEra(dice, drawn, capabilities.eras) : drawn;
  const bounded = terrain === 'apart' ? limited(dice, dated, capabilities, isolated, ids) : dated;
  return capabilities.helpers && terrain === 'apart' ? perhapsHelped(dice, bounded) : bounded;
};

/** The network in an era of its own, if it asks for nothing that this did not have; today's is said now and then, too. */
const ofAnEra = (dice: Dice, network: Network, eras: Capabilities['eras']): Network => {
  const era = dice.among(...nonEmpty(eras));
  const budget = era !== TODAY && dice.chance(40) ? { extensions: dice.between(0, 3) } : {};
  const dated: Network = { era, ...budget, ...network };
  return anachronism(dated) === undefined ? dated : network;
};

/** Two tunnels, and two devices outside. */
const LEAST_FOR_TUNNELS = 8;

/** The RFC's network, mostly as it should be; in a zone 0 beside others there would be no tunnel of its own. */
const rfc = (dice: Dice, capabilities: Capabilities): Network => {
  const count = Math.min(Math.floor((capabilities.devices - 2) / 3), dice.among(2, 2, 2, 3, 4));
  const net = tunnels(...zoneIds(dice, count + 1, capabilities.zones).filter((id) => id !== 0).slice(0, count));
  const late = dice.chance(15) ? assignedLate(net) : net;
  return { ...late, timeouts: timeouts(dice, capabilities), tcp: tcpSettings(dice) };
};

/** In how many of a hundred networks rules assign zones, where tenants need not be apart. */
const RULED: Readonly<Record<Terrain, number>> = { apart: 40, shipped: 30 };

const tenant = (number: number): Tenant => ({ number, devices: [`t${number}a`, `t${number}b`] });

/** Two tenants are enough for most leaks; many are rare. */
const tenantCount = (dice: Dice, { devices }: Capabilities): number =>
  Math.min(Math.floor(devices / 2), dice.chance(92) ? dice.among(1, 2, 2, 2, 2, 2, 2, 3) : 1 + dice.heavyTail(15));

/**
 * Distinct ids, each next one often an alias of the last: equal under a mask, a truncation or a byte swap. Zone 0 is
 * among them now and then.
 */
const zoneIds = (dice: Dice, count: number, zones: Capabilities['zones']): readonly ZoneId[] => {
  const ids: ZoneId[] = [];
  let last = startId(dice);
  while (ids.length < count) {
    if (!ids.includes(last) && (last === 0 || (last >= zones.from && last <= zones.to))) ids.push(last);
    last = dice.chance(60) ? alias(dice, last) : startId(dice);
  }
  return ids;
};

const startId = (dice: Dice): ZoneId =>
  dice.chance(80)
    ? dice.among(0, 1, 2, 255, 256, 257, 4095, 4096, 4097, 32768, 65534, 65535)
    : dice.between(0, 65535);

const alias = (dice: Dice, id: ZoneId): ZoneId =>
  dice.among(id ^ 0x100, id ^ 0x1000, id ^ 0x8000, ((id & 0xff) << 8) | (id >> 8), id & 0xff, id ^ (1 << dice.between(0, 15)));

/** Zone 0 is assigned, or nothing is: both mean the same. */
const passInto = (dice: Dice, id: ZoneId, early: boolean): Pass => ({
  assigned: early ? 'before-defragmentation' : 'after-defragmentation',
  ...(id === 0 && dice.chance(50) ? {} : { zone: { id, counts: 'both' } }),
});

const timeouts = (dice: Dice, { clockMs, timeouts: own }: Capabilities): Timeouts => {
  if (own) return own;
  if (clockMs === false || dice.chance(60)) return DEFAULT_TIMEOUTS;
  const draw = (most: number): number => dice.between(1, most) * 1000;
  const drawn: Timeouts = { ...DEFAULT_TIMEOUTS, ...Object.fromEntries(TIMEOUT_NAMES.map((name) => [name, draw(10)])) };
  return { ...drawn, udpStreamMs: drawn.udpMs + draw(20), greStreamMs: drawn.greMs + draw(20), tcpEstablishedMs: draw(30) };
};

const tcpSettings = (dice: Dice): TcpSettings =>
  dice.chance(70)
    ? DEFAULT_TCP
    : { loose: dice.chance(60), liberal: dice.chance(25), maxRetrans: dice.among(0, 1, 2, 3), ignoreInvalidRst: dice.chance(40) };

const limits = (dice: Dice, isolated: boolean, terrain: Terrain): FragmentLimits => {
  if (terrain === 'shipped') return { distance: 64, memoryBytes: dice.chance(15) ? dice.between(1, 64) * 8 : 0 };
  if (isolated) return { distance: 0, memoryBytes: 0 };
  return {
    distance: dice.chance(30) ? dice.among(1, 2, 3, 5, 64) : 0,
    memoryBytes: dice.chance(20) ? dice.between(1, 64) * 8 : 0,
  };
};
