/**
 * The probe behind `zoneproof doctor`: whether this kernel can be driven, step by step, and what helps where it cannot.
 */
import { spawnSync } from 'node:child_process';
import { endianness, release } from 'node:os';
import type { Subject } from '../../../properties/subject.ts';
import { NOT_CHECKED, type ProbeStep, TWO_ZONES, twoZones } from '../probe.ts';
import { NFNLGRP_CONNTRACK_DESTROY, NFNLGRP_CONNTRACK_NEW } from './conntrack.ts';
import { firstLine, loadLibc, SystemError, type Libc } from './libc.ts';
import { inNewNamespace, runIp } from './namespace.ts';
import { openNetlink } from './netlink.ts';
import { loadRules } from './nftables.ts';
import { linkLines, openPacket, openTun, tunError } from './ports.ts';
import { bindTap } from './tap.ts';
import { needsNamespaceWrapper, reexecCommand } from './wrapper.ts';

export type { ProbeStep };

type Check = { readonly name: string; readonly remedy: string; readonly run: () => string };

const PLATFORM = 'platform';
const KOFFI = 'koffi';
const KOFFI_REMEDY = 'install with optional dependencies: npm install';
const NAMESPACE_REMEDY = 'run as root, or allow user namespaces to plain users (sysctl user.max_user_namespaces)';

/**
 * Runs all steps in order; behind the first that fails the others are not checked. Leaves nothing behind, and the
 * caller's network namespace alone. A plain user's steps run in a wrapped child process.
 */
export const probeLinux = async (openSubject: () => Promise<Subject>): Promise<readonly ProbeStep[]> => {
  const names = [PLATFORM, KOFFI, ...checks(undefined).map(({ name }) => name), TWO_ZONES];
  const done = await probeUntilFailure(openSubject);
  return names.map((name) => done.find((step) => step.name === name) ?? { name, ok: false, detail: NOT_CHECKED });
};

const probeUntilFailure = async (openSubject: () => Promise<Subject>): Promise<ProbeStep[]> => {
  const steps: ProbeStep[] = [platform()];
  if (!steps[0]?.ok) return steps;
  let libc: Libc;
  try {
    libc = await loadLibc();
    steps.push({ name: KOFFI, ok: true, detail: 'loads' });
  } catch (error) {
    return [...steps, { name: KOFFI, ok: false, detail: firstLine(error), remedy: KOFFI_REMEDY }];
  }
  if (needsNamespaceWrapper()) return [...steps, ...probeWrapped()];
  for (const { name, remedy, run } of checks(libc)) {
    try {
      steps.push({ name, ok: true, detail: run() });
    } catch (error) {
      return [...steps, { name, ok: false, detail: firstLine(error), remedy }];
    }
  }
  return [...steps, await twoZones(openSubject, 'use a kernel with CONFIG_NF_CONNTRACK_ZONES that is not emulated')];
};

const platform = (): ProbeStep => {
  const detail = `${process.platform} ${release()}, ${endianness() === 'LE' ? 'little' : 'big'} endian`;
  const ok = process.platform === 'linux' && endianness() === 'LE';
  return { name: PLATFORM, ok, detail, ...(ok ? {} : { remedy: 'run on Linux on a little-endian machine' }) };
};

/** The steps that ask the kernel and its tools; `libc` is absent where only the names are wanted. */
const checks = (libc: Libc | undefined): readonly Check[] => {
  const inside = (run: (libc: Libc) => string) => (): string => {
    if (!libc) throw new SystemError('libc', 'not loaded');
    return inNewNamespace(libc, () => run(libc));
  };
  return [
    { name: 'network namespace', remedy: NAMESPACE_REMEDY, run: inside(() => 'made and left') },
    { name: 'ip tool', remedy: 'install iproute2', run: () => version('ip', '-V') },
    { name: 'TUN or packet port', remedy: 'load the module tun, or veth and af_packet', run: inside(port) },
    { name: 'nft tool', remedy: 'install nftables', run: () => version('nft', '-v') },
    {
      name: 'nf_tables with ct zone',
      remedy: 'use a kernel with CONFIG_NFT_CT, CONFIG_NFT_LOG and CONFIG_NF_CONNTRACK_ZONES',
      run: inside(() => {
        loadRules(true, [], []);
        return 'takes the rules';
      }),
    },
    {
      name: 'ctnetlink events',
      remedy: 'use a kernel with CONFIG_NF_CT_NETLINK and CONFIG_NF_CONNTRACK_EVENTS',
      run: inside((loaded) => {
        loaded.close(openNetlink(loaded, [NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_DESTROY]).fd);
        return 'can be heard';
      }),
    },
    {
      name: 'nflog',
      remedy: 'use a kernel with CONFIG_NETFILTER_NETLINK_LOG',
      run: inside((loaded) => {
        const socket = openNetlink(loaded);
        try {
          bindTap(socket);
        } finally {
          loaded.close(socket.fd);
        }
        return 'can be heard';
      }),
    },
  ];
};

const port = (libc: Libc): string => {
  const error = tunError(libc);
  if (error === undefined) {
    libc.close(openTun(libc, 0).fd);
    return 'TUN';
  }
  runIp(linkLines('packet', [0]));
  libc.close(openPacket(libc, 0).fd);
  return `packet sockets on veth; /dev/net/tun: ${error}`;
};

const version = (tool: string, option: string): string => {
  const { stdout, error, status } = spawnSync(tool, [option], { encoding: 'utf8' });
  if (status !== 0) throw new SystemError(tool, error?.message ?? `exit status ${status}`);
  return stdout.trim();
};

/** All steps of a child that is root in a user namespace, but for those already done. */
const probeWrapped = (): ProbeStep[] => {
  const script = `import { probeLinux } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
console.log(JSON.stringify(await probeLinux()));`;
  const [command = '', ...args] = reexecCommand([process.execPath, '--input-type=module', '--eval', script]);
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) {
    const detail = error?.message ?? stderr.split('\n')[0] ?? `exit status ${status}`;
    return [{ name: 'network namespace', ok: false, detail, remedy: NAMESPACE_REMEDY }];
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the child prints what probeLinux returns there
  const steps = JSON.parse(stdout) as readonly ProbeStep[];
  return steps.filter(({ name, detail }) => name !== PLATFORM && name !== KOFFI && detail !== NOT_CHECKED);
};
