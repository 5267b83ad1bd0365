/** An expectation has the id that was assigned: for a zone of the original direction not the zone of its answers, but that of anybody with the same id. */
import { ENDS, helped, lines, opening, talk } from '../../properties/ftp.ts';
import { inZone, nft, scenario, tenantsUnder, withRules } from '../../properties/words.ts';

const other = { ...ENDS, tenant: 2 };

export default scenario({
  shows: 'An expectation has the id that was assigned: for a zone of the original direction not the zone of its answers, but that of anybody with the same id.',
  network: helped(withRules(tenantsUnder([], []), (tenant, device) => (tenant === 2 ? nft(inZone(5, 'reply')) : device === 't1a' ? nft(inZone(5, 'original')) : []))),
  events: [
    ...talk(ENDS, ['client', 'USER a\r\n'], ['server', '220 hello\r\n'], ['client', lines.PORT(ENDS.client, 1234)]),
    ...opening(ENDS, 'server', 20, 1234),
    ...opening(other, 'server', 21, 1234),
    ...talk({ ...ENDS, port: 1001 }, ['server', '220 hello\r\n'], ['server', lines.PASV(ENDS.server, 1234)]),
    ...opening(ENDS, 'client', 3000, 1234),
  ],
});
