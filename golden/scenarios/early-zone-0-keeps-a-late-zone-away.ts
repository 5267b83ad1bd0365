/** The first assignment counts: a zone 0 that was said early keeps a late zone away, and no zone does not. */
import { colouredPayload } from '../../properties/colours.ts';
import { assignedLate, fragmentsOf, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const early = tenantsInZones(0, undefined, 5);
const late = assignedLate(early);
const pieces = (id: number) => fragmentsOf(udp({ payload: colouredPayload(3, id, 40) }, { id }), 2);

export default scenario({
  shows: 'The first assignment counts: a zone 0 that was said early keeps a late zone away, and no zone does not.',
  network: { ...early, devices: early.devices.map((device, place) => (device.name.startsWith('t3') ? (late.devices[place] ?? device) : device)) },
  events: [
    ...from('t1a', pieces(1).slice(0, 1)),
    ...from('t3a', pieces(1).slice(1)),
    ...from('t2a', pieces(2).slice(0, 1)),
    ...from('t3a', pieces(2).slice(1)),
  ],
});
