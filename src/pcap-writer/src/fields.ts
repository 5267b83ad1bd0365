/** Fields of a file in its own byte order. Callers make sure that the bytes are there. */
export type Fields = {
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  readonly i64: (at: number) => bigint;
  /** UTF-8; what is none reads as U+FFFD. */
  readonly text: (start: number, end: number) => string;
};

export const fieldsOf = (bytes: Uint8Array, littleEndian: boolean): Fields => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    u16: (at) => view.getUint16(at, littleEndian),
    u32: (at) => view.getUint32(at, littleEndian),
    i64: (at) => view.getBigInt64(at, littleEndian),
    text: (start, end) => buffer.toString('utf8', start, end),
  };
};
