/**
 * What ctnetlink is told of the state of a protocol. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h,
 * nf_conntrack_tcp.h; nlattr_to_tcp(), nlattr_to_sctp().
 */
import type { Protoinfo, TcpSide } from '../../../spec/trace/event.ts';
import type { MessageWriter } from './netlink.ts';

const CTA_PROTOINFO = 4;
const CTA_PROTOINFO_TCP = 1;
const CTA_PROTOINFO_TCP_STATE = 1;
const CTA_PROTOINFO_TCP_WSCALE = [2, 3] as const;
const CTA_PROTOINFO_TCP_FLAGS = [4, 5] as const;
const CTA_PROTOINFO_SCTP = 3;
const CTA_PROTOINFO_SCTP_STATE = 1;
const CTA_PROTOINFO_SCTP_VTAG_ORIGINAL = 2;
const CTA_PROTOINFO_SCTP_VTAG_REPLY = 3;

/** In the order of the kernel's numbers. */
const TCP_STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const;
const SCTP_STATES = ['none', 'closed', 'cookie-wait', 'cookie-echoed', 'established', 'shutdown-sent', 'shutdown-received', 'shutdown-ack-sent', 'heartbeat-sent'] as const;

const WINDOW_SCALE = 0x01;
const SACK_PERM = 0x02;
const CLOSE_INIT = 0x04;
const BE_LIBERAL = 0x08;
const DATA_UNACKNOWLEDGED = 0x10;

const flagsOf = ({ scale, sackPermitted, closedFirst, liberal, unacknowledged }: TcpSide): number =>
  (scale === undefined ? 0 : WINDOW_SCALE) |
  (sackPermitted ? SACK_PERM : 0) |
  (closedFirst ? CLOSE_INIT : 0) |
  (liberal ? BE_LIBERAL : 0) |
  (unacknowledged ? DATA_UNACKNOWLEDGED : 0);

/** Writes the attribute. */
export const writeProtoinfo = (message: MessageWriter, protoinfo: Protoinfo): void =>
  message.nested(CTA_PROTOINFO, () => {
    if (protoinfo.kind === 'sctp') {
      message.nested(CTA_PROTOINFO_SCTP, () => {
        message.attribute(CTA_PROTOINFO_SCTP_STATE, Uint8Array.of(SCTP_STATES.indexOf(protoinfo.state)));
        message.number(CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, protoinfo.tags.original);
        message.number(CTA_PROTOINFO_SCTP_VTAG_REPLY, protoinfo.tags.reply);
      });
      return;
    }
    message.nested(CTA_PROTOINFO_TCP, () => {
      message.attribute(CTA_PROTOINFO_TCP_STATE, Uint8Array.of(TCP_STATES.indexOf(protoinfo.state)));
      for (const [place, side] of [protoinfo.original, protoinfo.reply].entries()) {
        const flags = flagsOf(side);
        // What to set, and which bits that is about.
        message.attribute(CTA_PROTOINFO_TCP_FLAGS[place] ?? 0, Uint8Array.of(flags, flags));
        if (side.scale !== undefined) message.attribute(CTA_PROTOINFO_TCP_WSCALE[place] ?? 0, Uint8Array.of(side.scale));
      }
    });
  });
