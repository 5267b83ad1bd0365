/**
 * The system calls that the Linux subject needs, through koffi, an optional dependency that is loaded on demand.
 *
 * Every call runs synchronously in the calling thread: that is what makes the kernel an oracle that answers at once, and
 * why a network namespace entered here is seen by these calls and not by Node's thread pool.
 */

/** Calls return what libc returns: -1 on failure, with the cause in `errorName()`. */
export type Libc = {
  readonly open: (path: string, flags: number, mode: number) => number;
  readonly close: (fd: number) => number;
  /** Closes on another thread: closing a TUN device waits for the kernel. Never fails. */
  readonly closeLater: (fd: number) => Promise<void>;
  readonly read: (fd: number, buffer: Uint8Array, size: number) => number;
  readonly write: (fd: number, buffer: Uint8Array, size: number) => number;
  readonly pread: (fd: number, buffer: Uint8Array, size: number, offset: number) => number;
  readonly pwrite: (fd: number, buffer: Uint8Array, size: number, offset: number) => number;
  readonly ioctl: (fd: number, request: number, argument: Uint8Array) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, size: number) => number;
  readonly send: (fd: number, buffer: Uint8Array, size: number, flags: number) => number;
  readonly sendto: (
    fd: number,
    buffer: Uint8Array,
    size: number,
    flags: number,
    address: Uint8Array,
    addressSize: number,
  ) => number;
  readonly recv: (fd: number, buffer: Uint8Array, size: number, flags: number) => number;
  readonly poll: (descriptors: Uint8Array, count: number, timeoutMs: number) => number;
  readonly setsockopt: (fd: number, level: number, option: number, value: Uint8Array, size: number) => number;
  readonly ifNameToIndex: (name: string) => number;
  readonly clockResolution: (clock: number, time: Uint8Array) => number;
  readonly unshare: (flags: number) => number;
  readonly setns: (fd: number, type: number) => number;
  /** The name of the last failed call's error, `'EAGAIN'`. */
  readonly errorName: () => string;
};

/** A system call failed. `code` is the name of the errno. */
export class SystemError extends Error {
  readonly code: string;
  constructor(call: string, code: string) {
    super(`${call}: ${code}`);
    this.code = code;
  }
}

/** What an error says, in one line. */
export const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Loads koffi and binds. Throws what `import` throws when koffi is not installed. */
export const loadLibc = async (): Promise<Libc> => {
  const { default: koffi } = await import('koffi');
  // No path: the C library that Node itself runs on, glibc or musl.
  const library = koffi.load(null);
  // Of two names for one number the first counts: EAGAIN, not EWOULDBLOCK.
  const errorNames = new Map(Object.entries(koffi.os.errno).toReversed().map(([name, number]) => [number, name]));
  const [int, long, size, bytes, text] = ['int', 'long', 'size_t', 'uint8_t *', 'const char *'];
  const close = library.func('close', int, [int]);
  return {
    open: library.func('open', int, [text, int, int]),
    close,
    // Not Node's own, which warns in a worker of descriptors that Node did not open.
    closeLater: (fd) => new Promise((resolve) => void close.async(fd, () => resolve())),
    read: library.func('read', long, [int, bytes, size]),
    write: library.func('write', long, [int, bytes, size]),
    pread: library.func('pread', long, [int, bytes, size, long]),
    pwrite: library.func('pwrite', long, [int, bytes, size, long]),
    ioctl: library.func('ioctl', int, [int, 'unsigned long', bytes]),
    socket: library.func('socket', int, [int, int, int]),
    bind: library.func('bind', int, [int, bytes, int]),
    send: library.func('send', long, [int, bytes, size, int]),
    sendto: library.func('sendto', long, [int, bytes, size, int, bytes, int]),
    recv: library.func('recv', long, [int, bytes, size, int]),
    poll: library.func('poll', int, [bytes, 'unsigned long', int]),
    setsockopt: library.func('setsockopt', int, [int, int, int, bytes, int]),
    ifNameToIndex: library.func('if_nametoindex', 'unsigned int', [text]),
    clockResolution: library.func('clock_getres', int, [int, bytes]),
    unshare: library.func('unshare', int, [int]),
    setns: library.func('setns', int, [int, int]),
    errorName: () => errorNames.get(koffi.errno()) ?? `errno ${koffi.errno()}`,
  };
};

/** The result of a call that must not fail. Throws a SystemError that names the call. */
export const must = (libc: Libc, result: number, call: string): number => {
  if (result < 0) throw new SystemError(call, libc.errorName());
  return result;
};

// include/uapi/asm-generic/fcntl.h
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
// include/linux/net.h: the same bits as the file flags
export const SOCK_NONBLOCK = O_NONBLOCK;
export const SOCK_CLOEXEC = O_CLOEXEC;
// include/uapi/asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
// include/uapi/linux/sched.h
export const CLONE_NEWNET = 0x40000000;

/** An int as setsockopt() takes it. */
export const intOption = (value: number): Buffer => {
  const option = Buffer.alloc(4);
  option.writeInt32LE(value);
  return option;
};

/**
 * Makes a socket's receive queue as long as asked where this process is root outside of user namespaces too, else as long
 * as the system lets anyone have (net.core.rmem_max).
 */
export const lengthenQueue = (libc: Libc, fd: number, bytes: number): void => {
  const option = intOption(bytes);
  if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, option, option.length) === 0) return;
  must(libc, libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, option, option.length), 'receive queue');
};
