/** Zones that iptables takes from marks are not seen by fragments, however early: two tenants' pieces make one datagram, in the zone of its first piece. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, fromMark, iptables, marked, nft, scenario, tenantsUnder, udp } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, 1, 24), checksum: 'none' }), 2);

export default scenario({
  shows: "Zones that iptables takes from marks are not seen by fragments, however early: two tenants' pieces make one datagram, in the zone of its first piece.",
  network: tenantsUnder(...[1, 2].map((id) => [...nft(marked(id)), ...iptables(fromMark)])),
  events: [...from('t1a', pieces(1).slice(0, 1)), ...from('t2a', pieces(2).slice(1))],
});
