/**
 * The rule that virtual time cannot reach: after two real seconds an answered UDP connection is a stream. The kernel is
 * asked with sockets on the loopback of a namespace of its own, and tells in /proc/net/nf_conntrack.
 */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const RULES = 'table ip t {\nchain o {\ntype filter hook output priority 0\nct state new accept\n}\n}';

/** Asks, is answered, waits, asks again, is answered; prints the table after each answer. */
const CONVERSATION = `
const { createSocket } = require('node:dgram');
const { readFileSync } = require('node:fs');
const [server, client] = [createSocket('udp4'), createSocket('udp4')];
const ask = () => client.send('?', 5353, '127.0.0.1');
let answers = 0;
server.on('message', (_, from) => server.send('!', from.port, '127.0.0.1'));
client.on('message', () => {
  console.log(readFileSync('/proc/net/nf_conntrack', 'utf8').trim());
  answers += 1;
  if (answers === 1) setTimeout(ask, 2200);
  else process.exit();
});
server.bind(5353, '127.0.0.1', ask);
`;

const inNamespace = (command: string): { status: number | null; output: string } => {
  const alone = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];
  const { status, stdout, stderr } = spawnSync('unshare', [...alone, 'sh', '-c', command], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, RULES, CONVERSATION, NODE: process.execPath },
  });
  return { status, output: status === 0 ? stdout : stderr };
};

test('the first answer leaves 30 s, one after two seconds 120 s', ({ skip }) => {
  const ready = inNamespace('ip link set lo up && echo "$RULES" | nft -f - && test -r /proc/net/nf_conntrack');
  if (ready.status !== 0) skip(`not checked: no namespace with nft and /proc/net/nf_conntrack (${ready.output.trim().split('\n')[0] ?? ''})`);
  const { output } = inNamespace('ip link set lo up && echo "$RULES" | nft -f - && "$NODE" -e "$CONVERSATION"');
  const [early = '', late = ''] = output.trim().split('\n');
  expect(early).toMatch(/ udp +17 (30|29) .*dport=5353/);
  expect(early).not.toContain('ASSURED');
  expect(late).toMatch(/ udp +17 (120|119) .*dport=5353.*\[ASSURED\]/);
});
