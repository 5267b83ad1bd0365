/** Eras: a rule decides in its eras and in no other, and each of them decides somewhere. */
import { expect, test } from 'vitest';
import { anachronism, ERAS, type Era } from '../spec/era.ts';
import { REFERENCE } from '../spec/profile.ts';
import { erasOf, type RuleId, ruleIds } from '../spec/rules.ts';
import type { Trace } from '../spec/trace/trace.ts';
import { accountOf } from './account.ts';
import { CAPABILITIES } from './fakes.ts';
import { ENDS, helped, lines, talk } from './ftp.ts';
import { traceFor } from './generate/index.ts';
import { asks, assignedLate, from, inEra, inZone, iptables, nft, notrack, scenario, tenantsInZones, tenantsUnder, tupleOfUdp, udp, type Word, zone } from './words.ts';

const dated = ruleIds.filter((id) => erasOf(id).length < ERAS.length);

const told = (network: Parameters<typeof inEra>[1], ...events: readonly (readonly Word[])[]): Trace => scenario({ shows: 'a test', network, events: events.flat() });

/** Two clients in one zone announce one end. */
const rivals = [ENDS, { ...ENDS, tenant: 2, port: 2000 }].map((ends) => talk(ends, ['client', 'USER a\r\n'], ['client', lines.PORT(ENDS.client, 1234)]));

/** What a thousand traces may do without. */
const RARE: readonly Trace[] = [
  told(tenantsUnder(iptables(inZone(1), inZone(2))), from('t1a', udp())),
  told(tenantsInZones(1), [1, 2, 3].map((port) => asks({ command: 'create', original: tupleOfUdp(udp({ sourcePort: port })), reply: tupleOfUdp(udp({ sourcePort: port + 9 })), zone: zone(1), timeoutMs: 1000 }))),
  told(tenantsUnder(iptables(notrack, inZone(1))), from('t1a', udp())),
  told(helped(tenantsInZones(1, 1)), ...rivals),
  told(tenantsUnder(iptables(inZone(1, 'reply'))), [0, 1].map((id) => asks({ command: 'get', tuple: tupleOfUdp(udp()), zone: zone(id), besides: zone(2, 'reply') }))),
];

test('a rule that is not of all eras decides in its own and in no other', () => {
  const fired = new Map<RuleId, Set<Era>>(dated.map((id) => [id, new Set()]));
  const generated = Array.from({ length: 1000 }, (_, index) => traceFor(9, index, CAPABILITIES));
  for (const trace of [...generated, ...RARE]) {
    for (const era of ERAS) {
      const network = inEra(era, { ...trace.network, era, ...(era === 'linux-6.8' ? {} : { extensions: 2 }) });
      const { extensions: _, ...today } = network;
      const played: Trace = { ...trace, network: era === 'linux-6.8' ? today : network };
      if (anachronism(played.network) !== undefined) continue;
      for (const { rules } of accountOf(played, REFERENCE)) for (const rule of rules) fired.get(rule)?.add(era);
    }
  }
  const seen = Object.fromEntries([...fired].map(([id, eras]) => [id, ERAS.filter((era) => eras.has(era))]));
  expect(seen).toEqual(Object.fromEntries(dated.map((id) => [id, erasOf(id)])));
});

test.each<[string, Trace, Partial<Record<Era, string | undefined>>]>([
  ['nothing', told(tenantsInZones(1)), {}],
  ['late zones', told(assignedLate(tenantsInZones(1))), {}],
  ['rules of iptables', told(tenantsUnder(iptables(inZone(1)))), { 'rfc-2010': 'rules' }],
  ['rules of nft', told(tenantsUnder(nft(inZone(1)))), { 'rfc-2010': 'rules', 'linux-2010': 'marks' }],
  ['a direction', told(tenantsUnder(iptables(inZone(1, 'reply')))), { 'rfc-2010': 'rules', 'linux-2010': 'marks' }],
  ['extensions', told({ ...tenantsInZones(1), extensions: 1 }), { 'linux-6.8': 'zone extensions' }],
])('what an era did not have: %s', (_, { network }, expected) => {
  for (const era of ERAS) {
    const problem = anachronism({ ...network, era });
    expect([era, problem?.slice(0, expected[era]?.length)]).toEqual([era, expected[era]]);
  }
});

test("the RFC's commands look in zone 0, whatever zone they name", () => {
  const look = asks({ command: 'get', tuple: tupleOfUdp(udp()), zone: zone(1) });
  const answers = ERAS.map((era) => accountOf(told(inEra(era, tenantsInZones(1)), from('t1a', udp()), [look]), REFERENCE).at(-1)?.told?.kind);
  expect(answers).toEqual(['refused', 'list', 'list', 'list']);
});
