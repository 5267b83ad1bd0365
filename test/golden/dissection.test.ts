/**
 * Golden files in other people's eyes: tshark, capinfos and tcpdump read them without a complaint.
 * Where a tool is missing, its test is skipped and says so.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readCapture } from 'pcap-writer';
import { scenarios } from '../../golden/scenarios/index.ts';
import type { Trace } from '../../spec/index.ts';
import { renderTrace } from '../../src/golden/index.ts';

const SCENARIOS = Object.entries(scenarios);
const fileOf = (name: string): string => fileURLToPath(new URL(`../../golden/files/${name}.pcapng`, import.meta.url));
/** What the file should hold: it is not read back, so that a wrong file does not vouch for itself. */
const captureOf = (name: string, trace: Trace) => readCapture(renderTrace(trace, name, trace.about!).pcapng);

const isMissing = (tool: string): boolean => spawnSync(tool, ['--version']).error !== undefined;
const missing = new Set(['tshark', 'capinfos', 'tcpdump'].filter(isMissing));

/** What a tool prints; it fails if the tool does. */
const output = (tool: string, ...args: readonly string[]): { readonly lines: readonly string[]; readonly complaints: string } => {
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });
  expect(status, stderr).toBe(0);
  return { lines: stdout.split('\n').filter((line) => line !== ''), complaints: stderr };
};

/** No comment has it. */
const SEPARATOR = '|';
const AS_FIELDS = ['-T', 'fields', '-E', 'separator=/t', '-E', `aggregator=${SEPARATOR}`];
/** Every packet is there twice, as it came and as it left, which looks like a retransmission or a replay. */
const PREFERENCES = [
  'ip.check_checksum:TRUE', 'udp.check_checksum:TRUE', 'tcp.check_checksum:TRUE', 'udplite.check_checksum:TRUE', 'sctp.checksum:CRC 32c',
  'tcp.analyze_sequence_numbers:FALSE', 'sctp.tsn_analysis:FALSE', 'esp.do_esp_sequence_analysis:FALSE',
];
const CHECKED = PREFERENCES.flatMap((option) => ['-o', option]);
/** One row a packet, one column a field; a field that is there several times is separated by `SEPARATOR`. */
const fieldsOf = (name: string, fields: readonly string[], ...options: readonly string[]): readonly (readonly string[])[] =>
  output('tshark', '-n', '-r', fileOf(name), ...CHECKED, ...options, ...AS_FIELDS, ...fields.flatMap((field) => ['-e', field])).lines.map((line) => line.split('\t'));

/** Expert information by Wireshark's severities: packet comments count as such, and so does what TCP segments are for. */
const ORDINARY: ReadonlySet<string> = new Set([0x100000, 0x200000].map(String));
const CLOSINGS = ['Connection reset (RST)', 'This frame initiates the connection closing', 'This frame undergoes the connection closing'];

/** What Wireshark has to say of a file, because the scenario is about it. */
const REMARKS: Readonly<Record<string, readonly string[]>> = {
  'wrong-udp-checksum': ['Bad checksum [should be 0xdff3]', 'Bad checksum [should be 0xdff3]'],
  'udp-lite-coverage': [
    'Illegal checksum value (0)', 'Illegal checksum value (0)', 'Bad checksum [should be 0xdf84]', 'Bad checksum [should be 0xdf84]',
  ],
  'ttl-1-is-never-confirmed': ['"Time To Live" only 1', '"Time To Live" only 2', '"Time To Live" only 1'],
};

const EXPERT = ['_ws.expert.severity', '_ws.expert.message', '_ws.malformed', 'ip.checksum.status', 'frame.protocols'];
const SHOWN = ['frame.interface_name', 'frame.interface_description', 'frame.packet_flags_direction', 'frame.time_epoch', 'frame.comment'];

test.for(SCENARIOS)('tshark finds nothing wrong with %s, and shows what is in it', ([name, trace], { skip }) => {
  skip(missing.has('tshark'), 'not checked: tshark is missing');
  const { interfaces, packets } = captureOf(name, trace);
  for (const option of ['ip.defragment:TRUE', 'ip.defragment:FALSE']) {
    const rows = fieldsOf(name, [...EXPERT, ...SHOWN], '-o', option);
    const remarks = rows.flatMap(([severities = '', messages = '']) => {
      const told = messages.split(SEPARATOR);
      return severities.split(SEPARATOR).flatMap((severity, place) => (ORDINARY.has(severity) || CLOSINGS.includes(told[place] ?? '') ? [] : [told[place]]));
    });
    expect(remarks).toEqual(REMARKS[name] ?? []);
    for (const [, , malformed, checksum, protocols] of rows) {
      expect(malformed).toBe('');
      // An ICMP error quotes a header, with a checksum of its own.
      if (protocols?.includes('ipv6')) expect(checksum).toBe('');
      else expect(checksum).toMatch(/^1(\|1)?$/);
      // Wireshark takes a coloured payload for one of FIND now and then.
      expect(protocols).toMatch(/^(ip(:udp|:tcp(:ftp)?|:icmp(:ip:(udp|tcp|icmp))?|:udplite|:esp|:gre|:sctp)?|(ip:)?ipv6(:ipv6\.fraghdr)?(:udp(:find)?|:tcp(:ftp)?|:icmpv6(:ipv6:(udp|icmpv6))?)?)(:data|:ppp:comp_data)?$/);
    }
    expect(rows.map((row) => row.slice(EXPERT.length))).toEqual(
      packets.map((packet) => [
        interfaces[packet.interface]?.name,
        interfaces[packet.interface]?.description,
        `0x${packet.flags?.toString(16).padStart(8, '0')}`,
        `${packet.timestampNs! / 1_000_000_000n}.${String(packet.timestampNs! % 1_000_000_000n).padStart(9, '0')}`,
        packet.comments.join(SEPARATOR),
      ]),
    );
  }
});

const isIpv6 = ({ events }: Trace): boolean => events.every((event) => event.kind !== 'receive' || event.packet.kind === 'ipv6');

test.for(SCENARIOS)('capinfos knows what %s is', ([name, trace], { skip }) => {
  skip(missing.has('capinfos'), 'not checked: capinfos is missing');
  const { lines } = output('capinfos', '-M', fileOf(name));
  const { interfaces, packets } = captureOf(name, trace);
  const said = lines.map((line) => line.trim().replace(/\s*[:=]\s*/, ': '));
  for (const wanted of [
    'File type: pcapng',
    `File encapsulation: ${isIpv6(trace) ? 'rawip6' : 'rawip4'}`,
    'Strict time order: True',
    'Capture application: zoneproof',
    `Capture comment: ${name}: ${trace.about}`,
    `Number of packets: ${packets.length}`,
    `Number of interfaces in file: ${interfaces.length}`,
    ...interfaces.map((device) => `Name: ${device.name}`),
  ]) expect(said).toContain(wanted);
});

test.for(SCENARIOS)('tcpdump reads %s to its end', ([name, trace], { skip }) => {
  skip(missing.has('tcpdump'), 'not checked: tcpdump is missing');
  const { lines, complaints } = output('tcpdump', '-n', '-t', '-r', fileOf(name));
  expect(lines).toHaveLength(captureOf(name, trace).packets.length);
  for (const line of lines) {
    if (line.startsWith('IP6 ')) continue;
    expect(line).toMatch(/^IP (10\.0\.0|192\.0\.2|198\.51\.100|203\.0\.113)\.\d+(\.\d+)? > (10\.0\.0|192\.0\.2|198\.51\.100|203\.0\.113)\.\d+(\.\d+)?: (UDP, |ICMP |Flags |ESP\(|sctp |GREv[01], |(udp|tcp|icmp|ip-proto-\d+)$| ip-proto-136 \d+$)/);
  }
  expect(complaints).toMatch(/^reading from file \S+, link-type IPV[46] .*\n$/);
});
