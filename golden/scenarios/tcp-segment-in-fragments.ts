/** A TCP segment in fragments is put together before it is tracked, in each zone by itself, and leaves in its pieces. */
import { colouredPayload } from '../../properties/colours.ts';
import { endsOf, fragmentsOf, from, handshake, interleave, scenario, tcp, tenantsInZones } from '../../properties/words.ts';

const ends = endsOf(1);
const { client } = ends;
const segment = (tenant: number) =>
  tcp({ flags: 'PA', sequence: 1001, acknowledgement: 5001, options: '0101080a0000000100000001', payload: colouredPayload(tenant, 1, 40) });

export default scenario({
  shows: 'A TCP segment in fragments is put together before it is tracked, in each zone by itself, and leaves in its pieces.',
  network: tenantsInZones(1, 2),
  events: [
    ...handshake(ends),
    ...interleave(from('t1a', fragmentsOf(segment(1), 2)), from('t2a', fragmentsOf(segment(2), 2))),
    ...client('A', 1041, 5001),
  ],
});
