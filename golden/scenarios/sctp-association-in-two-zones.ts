/** Two equal associations in two zones, each with tags of its own: one is closed while the other goes on. */
import { BACK, chunk, COOKIE, from, initiating, interleave, scenario, sctp, tenantsInZones } from '../../properties/words.ts';
import { colouredPayload } from '../../properties/colours.ts';

const [DATA, INIT, INIT_ACK, SACK, SHUTDOWN, SHUTDOWN_ACK, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE] = [0, 1, 2, 3, 7, 8, 10, 11, 14];
const REPLY = { sourcePort: 2000, destinationPort: 1000 };

/** What tenant 1 or 2 says: the client's tag and the server's differ by tenant. */
const association = (tenant: number) => {
  const [client, server] = [0x1000 + tenant, 0x2000 + tenant];
  const there = (tag: number, ...chunks: readonly string[]) => from(`t${tenant}a`, sctp(tag, chunks));
  const back = (tag: number, ...chunks: readonly string[]) => from(`t${tenant}b`, sctp(tag, chunks, REPLY, BACK));
  return {
    opening: [
      ...there(0, chunk(INIT, initiating(client))),
      ...back(client, chunk(INIT_ACK, initiating(server) + COOKIE)),
      ...there(server, chunk(COOKIE_ECHO, 'c0de0000')),
      ...back(client, chunk(COOKIE_ACK)),
    ],
    data: [
      ...there(server, chunk(DATA, `00000001000000000000002e${colouredPayload(tenant, 1, 16)}`, 3)),
      ...back(client, chunk(SACK, '000000010000ffff00000000')),
    ],
    closing: [...there(server, chunk(SHUTDOWN, '00000000')), ...back(client, chunk(SHUTDOWN_ACK)), ...there(server, chunk(SHUTDOWN_COMPLETE))],
  };
};
const [one, two] = [association(1), association(2)];

export default scenario({
  shows: 'Two equal associations in two zones, each with tags of its own: one is closed while the other goes on.',
  network: tenantsInZones(1, 2),
  events: [...interleave(one.opening, two.opening), ...one.data, ...one.closing, ...two.data],
});
