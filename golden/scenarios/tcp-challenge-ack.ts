/** A SYN in LAST_ACK is ignored, and the challenge ACK that answers it does not count as the last ACK: the connection is gone when LAST_ACK is over. */
import { endsOf, handshake, scenario, tenantsInZones, wait } from '../../properties/words.ts';

const ends = endsOf(1);
const { client, server } = ends;

export default scenario({
  shows: 'A SYN in LAST_ACK is ignored, and the challenge ACK that answers it does not count as the last ACK: the connection is gone when LAST_ACK is over.',
  network: tenantsInZones(1),
  events: [
    ...handshake(ends),
    ...server('FA', 5001, 1001),
    ...client('FA', 1001, 5002),
    ...client('S', 90_000),
    ...server('A', 5002, 1001),
    wait(30),
    ...server('A', 5002, 1002),
  ],
});
