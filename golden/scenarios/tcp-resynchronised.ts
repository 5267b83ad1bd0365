/** A client that begins anew is ignored until the server agrees; then the connection opens again and stays the same one. */
import { endsOf, handshake, scenario, tenantsInZones } from '../../properties/words.ts';

const ends = endsOf(1);
const { client, server } = ends;

export default scenario({
  shows: 'A client that begins anew is ignored until the server agrees; then the connection opens again and stays the same one.',
  network: tenantsInZones(1),
  events: [
    ...handshake(ends),
    ...client('S', 500_000),
    ...client('A', 500_001, 700_001),
    ...client('S', 500_000),
    ...server('SA', 700_000, 500_001),
    ...client('A', 500_001, 700_001),
  ],
});
