/** Equal flows of two tenants are two connections, each with its own answers. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, interleave, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const packets = (tenant: number) => [1, 2].map((packet) => udp({ payload: colouredPayload(tenant, packet, 24) }, { id: packet }));
const sent = interleave(from('t1a', packets(1)), from('t2a', packets(2)));
const both = sent.slice(0, 2);

export default scenario({
  shows: 'Equal flows of two tenants are two connections, each with its own answers.',
  network: tenantsInZones(1, 2),
  events: [...sent, ...answersTo(both), ...from('t1a', packets(1)), ...from('t2a', packets(2))],
});
