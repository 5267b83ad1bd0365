/** EPRT and EPSV over IPv6, in two zones; the line of one of them arrives in fragments and leaves joined. */
import { ENDS6, type Ends, helped, lines, opening, talk } from '../../properties/ftp.ts';
import { fragmentsOf, from, interleave, scenario, tenantsInZones, type Word } from '../../properties/words.ts';

const session = (ends: Ends): readonly Word[] => [
  ...talk(ends, ['client', 'USER a\r\n'], ['server', '220 hello\r\n'], ['client', lines.EPRT(ends.client, 1234)], ['server', lines.EPSV(ends.server, 1234)]),
  ...opening(ends, 'server', 20, 1234),
  ...opening(ends, 'client', 3000, 1234),
];

const cut = (words: readonly Word[], index: number): readonly Word[] =>
  words.flatMap((word, place) => (place === index && word.kind === 'receive' && word.packet.kind === 'ipv6' ? from(word.device, fragmentsOf(word.packet, 3)) : [word]));

export default scenario({
  shows: 'EPRT and EPSV over IPv6, in two zones; the line of one of them arrives in fragments and leaves joined.',
  network: helped(tenantsInZones(1, 2)),
  events: interleave(cut(session(ENDS6), 6), session({ ...ENDS6, tenant: 2 })),
});
