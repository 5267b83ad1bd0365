/**
 * The identification of what leaves in pieces, where IPv6 lets whoever cuts choose one.
 */
import type { FragmentHeader, Packet } from './packet.ts';

/**
 * The pieces of one datagram as every implementation would name them. IPv6 is cut into pieces under an identification that
 * the implementation chooses: 0 stands for it if it is one for all pieces. A single fragment went on as it came, with its
 * own; in a single piece that is whole it names nothing.
 */
export const withoutFreshId = (pieces: readonly Packet[]): readonly Packet[] => {
  if (pieces[0]?.kind !== 'ipv6') return pieces;
  const headers = pieces.map(fragmentHeaderOf);
  const [first] = headers;
  const isOwn = pieces.length === 1 && first !== undefined && (first.mf || first.offset > 0);
  if (!first || isOwn || headers.some((header) => header?.id !== first.id)) return pieces;
  return pieces.map((piece, index) => withIdZero(piece, headers[index]));
};

const fragmentHeaderOf = (piece: Packet): FragmentHeader | undefined =>
  piece.kind === 'ipv6' ? piece.extensions.find((header): header is FragmentHeader => header.kind === 'fragment') : undefined;

const withIdZero = (piece: Packet, zeroed: FragmentHeader | undefined): Packet =>
  piece.kind === 'ipv6' ? { ...piece, extensions: piece.extensions.map((header) => (header === zeroed ? { ...zeroed, id: 0 } : header)) } : piece;
