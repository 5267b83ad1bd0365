/** Both ends open at once, and the connection is established by either answer. */
import { endsOf, scenario, tenantsInZones, wait } from '../../properties/words.ts';

const { client, server } = endsOf(1);

export default scenario({
  shows: 'Both ends open at once, and the connection is established by either answer.',
  network: tenantsInZones(1),
  events: [
    ...client('S', 1000),
    ...server('S', 5000),
    ...client('SA', 1000, 5001),
    ...server('A', 5001, 1001),
    wait(120),
    ...client('A', 1001, 5001),
  ],
});
