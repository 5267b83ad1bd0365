/** In TIME_WAIT a SYN opens a new connection in place of the old one, in the same zone. */
import { endsOf, handshake, scenario, tenantsInZones } from '../../properties/words.ts';

const one = endsOf(1);
const { client, server } = one;

export default scenario({
  shows: 'In TIME_WAIT a SYN opens a new connection in place of the old one, in the same zone.',
  network: tenantsInZones(1),
  events: [
    ...handshake(one),
    ...client('FA', 1001, 5001),
    ...server('FA', 5001, 1002),
    ...client('A', 1002, 5002),
    ...client('S', 90_000),
    ...server('SA', 70_000, 90_001),
    ...client('A', 90_001, 70_001),
  ],
});
