/** A reset closes a connection only if it names the number that the other side acknowledged; one from the past is invalid. */
import { endsOf, handshake, scenario, tenantsInZones, wait } from '../../properties/words.ts';

const ends = endsOf(1);
const { client, server } = ends;

export default scenario({
  shows: 'A reset closes a connection only if it names the number that the other side acknowledged; one from the past is invalid.',
  network: tenantsInZones(1),
  events: [
    ...handshake(ends),
    ...server('R', 4000),
    ...server('R', 5100),
    ...client('A', 1001, 5001),
    ...server('R', 5001),
    wait(10),
    ...client('A', 1001, 5001),
  ],
});
