/** Two tunnels between equal hosts are told apart by their zones, and by nothing else: not by their keys. */
import { colouredPayload } from '../../properties/colours.ts';
import { BACK, carrying, from, interleave, scenario, tenantsInZones } from '../../properties/words.ts';

const GRE = 47;
/** A header with a key, and an EtherType for experiments. */
const gre = (key: string, tenant: number, number: number) => `200088b5${key}${colouredPayload(tenant, number, 24)}`;
const there = (key: string, tenant: number, number: number) => carrying(GRE, gre(key, tenant, number), { id: number });
const back = (key: string, tenant: number, number: number) => carrying(GRE, gre(key, tenant, number), { ...BACK, id: number });

export default scenario({
  shows: 'Two tunnels between equal hosts are told apart by their zones, and by nothing else: not by their keys.',
  network: tenantsInZones(1, 2),
  events: [
    ...interleave(from('t1a', there('00000007', 1, 1)), from('t2a', there('00000007', 2, 1))),
    ...from('t1a', there('00000008', 1, 2)),
    ...from('t1b', back('00000009', 1, 3)),
    ...interleave(from('t1a', there('00000007', 1, 4)), from('t2a', there('00000007', 2, 2))),
  ],
});
