/** An ACK of no connection picks one up where the network is loose; a SYN and ACK, a FIN or a reset does not. */
import { endsOf, scenario, tenantsInZones } from '../../properties/words.ts';

const { client, server } = endsOf(1);

export default scenario({
  shows: 'An ACK of no connection picks one up where the network is loose; a SYN and ACK, a FIN or a reset does not.',
  network: tenantsInZones(1),
  events: [
    ...server('SA', 5000, 1001),
    ...client('FA', 1001, 5001),
    ...client('RA', 1001, 5001),
    ...client('A', 1001, 5001),
    ...server('A', 900_000, 1001),
    ...client('A', 1001, 900_001),
  ],
});
