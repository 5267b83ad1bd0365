/** Without a helper nobody knows which two calls of PPTP belong together, so each direction is a connection of its own. */
import { colouredPayload } from '../../properties/colours.ts';
import { BACK, carrying, from, scenario, tenantsInZones } from '../../properties/words.ts';

const GRE = 47;
/** Version 1 with a sequence number, PPP, the length of what follows, the receiver's call id; then PPP with compressed data. */
const call = (id: string, number: number) => `3001880b0014${id}0000000${number}ff0300fd${colouredPayload(1, number, 16)}`;

export default scenario({
  shows: 'Without a helper nobody knows which two calls of PPTP belong together, so each direction is a connection of its own.',
  network: tenantsInZones(1),
  events: [
    ...from('t1a', carrying(GRE, call('0005', 1), { id: 1 })),
    ...from('t1b', carrying(GRE, call('0006', 2), { ...BACK, id: 2 })),
    ...from('t1a', carrying(GRE, call('0005', 3), { id: 3 })),
  ],
});
