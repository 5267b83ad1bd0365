/** A TCP connection opens in one zone; equal segments in another zone find nothing to answer. */
import { endsOf, scenario, tenantsInZones } from '../../properties/words.ts';

const [one, two] = [endsOf(1), endsOf(2)];

export default scenario({
  shows: 'A TCP connection opens in one zone; equal segments in another zone find nothing to answer.',
  network: tenantsInZones(1, 2),
  events: [
    ...one.client('S', 1000, 0, { options: '020405b40402080a000000010000000001030307' }),
    ...two.server('SA', 5000, 1001),
    ...one.server('SA', 5000, 1001),
    ...two.client('A', 1001, 5001),
    ...one.client('A', 1001, 5001),
  ],
});
