/** ESP has no ports, so all of it between two hosts is one connection, and in each zone another one. */
import { colouredPayload } from '../../properties/colours.ts';
import { BACK, carrying, from, interleave, scenario, tenantsInZones } from '../../properties/words.ts';

const ESP = 50;
/** The security parameters index, a sequence number, and what would be encrypted. */
const esp = (index: string, tenant: number, number: number) => `${index}${number.toString(16).padStart(8, '0')}${colouredPayload(tenant, number, 32)}`;
const there = (tenant: number, number: number) => carrying(ESP, esp('0000c0de', tenant, number), { id: number });
const back = (tenant: number, number: number) => carrying(ESP, esp('0000beef', tenant, number), { ...BACK, id: number });

export default scenario({
  shows: 'ESP has no ports, so all of it between two hosts is one connection, and in each zone another one.',
  network: tenantsInZones(1, 2),
  events: [
    ...interleave(from('t1a', there(1, 1)), from('t2a', there(2, 1))),
    ...from('t1b', back(1, 2)),
    ...interleave(from('t1a', there(1, 3)), from('t2a', there(2, 2))),
  ],
});
