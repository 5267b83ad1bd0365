/** A reset and a FIN out of the window, one from each side, are invalid; a timer with less than two minutes left goes on. */
import { endsOf, handshake, scenario, tenantsInZones, wait } from '../../properties/words.ts';

const ends = endsOf(1);
const { client, server } = ends;
const network = tenantsInZones(1);

export default scenario({
  shows: 'A reset and a FIN out of the window, one from each side, are invalid; a timer with less than two minutes left goes on.',
  network: { ...network, timeouts: { ...network.timeouts, tcpEstablishedMs: 100_000, tcpUnacknowledgedMs: 5000 } },
  events: [
    ...handshake(ends),
    ...client('R', 50_000),
    ...server('FA', 90_000, 1001),
    wait(6),
    ...client('A', 1001, 5001),
  ],
});
