/** Of a TCP connection that control made, an ACK that says the SYN's place again passes; one of another place is invalid, and so is each where a packet made the connection. */
import { asks, from, scenario, tcp, tenantsInZones, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const original = { ...tupleOfUdp(udp()), protocol: 6 };
const reply = { ...tupleOfUdp(udp({ sourcePort: 2000, destinationPort: 1000 }, { source: '10.0.0.2', destination: '10.0.0.1' })), protocol: 6 };

export default scenario({
  shows: "Of a TCP connection that control made, an ACK that says the SYN's place again passes; one of another place is invalid, and so is each where a packet made the connection.",
  network: tenantsInZones(1, 2),
  events: [
    asks({ command: 'create', original, reply, zone: zone(1), timeoutMs: 60_000 }),
    ...['t1a', 't2a'].flatMap((device) =>
      from(device, tcp({ sequence: 1000 }), tcp({ flags: 'A', sequence: 1000, acknowledgement: 1 }), tcp({ flags: 'A', sequence: 1001, acknowledgement: 1 })),
    ),
  ],
});
