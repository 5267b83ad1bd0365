/** Two tenants with equal addresses announce equal ports, in both ways of FTP, and each one's files come in its own zone. */
import { ENDS, type Ends, helped, type Line, lines, opening, talk } from '../../properties/ftp.ts';
import { interleave, scenario, tenantsInZones, type Word } from '../../properties/words.ts';

const HELLO: readonly Line[] = [['server', '220 hello\r\n'], ['client', 'USER a\r\n']];
const session = (ends: Ends): readonly Word[] => [
  ...talk(ends, ...HELLO, ['client', lines.PORT(ends.client, 1234)]),
  ...opening(ends, 'server', 20, 1234),
];
const passive = (ends: Ends): readonly Word[] => [
  ...talk({ ...ends, port: 1001 }, ...HELLO, ['client', 'PASV\r\n'], ['server', lines.PASV(ends.server, 1234)]),
  ...opening(ends, 'client', 3000, 1234),
];
const two = { ...ENDS, tenant: 2 };

export default scenario({
  shows: "Two tenants with equal addresses announce equal ports, in both ways of FTP, and each one's files come in its own zone.",
  network: helped(tenantsInZones(1, 2)),
  events: [...interleave(session(ENDS), session(two)), ...interleave(passive(ENDS), passive(two))],
});
