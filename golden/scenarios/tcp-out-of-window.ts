/** What lies beyond the window, or acknowledges what nobody sent, is invalid; what is too old is ignored. */
import { endsOf, handshake, scenario, tenantsInZones } from '../../properties/words.ts';

const ends = endsOf(1);
const { client, server } = ends;

export default scenario({
  shows: 'What lies beyond the window, or acknowledges what nobody sent, is invalid; what is too old is ignored.',
  network: tenantsInZones(1),
  events: [
    ...handshake(ends),
    ...client('A', 2001, 5001),
    ...client('A', 2002, 5001),
    ...client('A', 3100, 5001),
    ...client('A', 1001, 5002),
    ...client('A', 0, 5001),
    ...server('A', 5001, 1001),
  ],
});
