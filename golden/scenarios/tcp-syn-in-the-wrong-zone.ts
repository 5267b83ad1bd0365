/** A SYN and ACK that comes by another zone finds no connection there, so the one that opens waits on. */
import { endsOf, scenario, tenantsInZones, wait } from '../../properties/words.ts';

const [one, two] = [endsOf(1), endsOf(2)];

export default scenario({
  shows: 'A SYN and ACK that comes by another zone finds no connection there, so the one that opens waits on.',
  network: tenantsInZones(1, 256),
  events: [
    ...one.client('S', 1000),
    ...two.client('S', 1000),
    ...two.server('SA', 5000, 1001),
    ...two.server('R', 5001),
    ...one.client('S', 1000),
    wait(120),
    ...one.server('SA', 5000, 1001),
  ],
});
