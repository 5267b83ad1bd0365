/** All scenarios by name, in the order in which they are listed. A scenario's file has its name. */
import type { Trace } from '../../spec/trace/trace.ts';
import tunnels from './tunnels.ts';
import tunnelsErrors from './tunnels-errors.ts';
import tunnelsFragments from './tunnels-fragments.ts';
import tunnelsOverIpv6 from './tunnels-over-ipv6.ts';
import nodeInformationKeepsItsIdentifier from './node-information-keeps-its-identifier.ts';
import sourcePortsOfDirectionalZones from './source-ports-of-directional-zones.ts';
import sourcePortTaken from './source-port-taken.ts';
import portsUsedUpInOneZone from './ports-used-up-in-one-zone.ts';
import mappingUsedAgain from './mapping-used-again.ts';
import mirrorIsNoObstacle from './mirror-is-no-obstacle.ts';
import forwardedPort from './forwarded-port.ts';
import masqueradeMoves from './masquerade-moves.ts';
import equalFlowsInTwoZones from './equal-flows-in-two-zones.ts';
import replyInTheRightZone from './reply-in-the-right-zone.ts';
import replyInTheWrongZone from './reply-in-the-wrong-zone.ts';
import connectionExpiresInItsZone from './connection-expires-in-its-zone.ts';
import streamAfterTwoSeconds from './stream-after-two-seconds.ts';
import equalFragmentsInTwoZones from './equal-fragments-in-two-zones.ts';
import fragmentsGluedAfterDefragmentation from './fragments-glued-after-defragmentation.ts';
import overlapKillsADatagram from './overlap-kills-a-datagram.ts';
import duplicateIsIgnored from './duplicate-is-ignored.ts';
import fragmentTimeout from './fragment-timeout.ts';
import fragmentDistance from './fragment-distance.ts';
import zone0BesideNoZone from './zone-0-beside-no-zone.ts';
import earlyZone0KeepsALateZoneAway from './early-zone-0-keeps-a-late-zone-away.ts';
import idsThatAlias from './ids-that-alias.ts';
import ttl1IsNeverConfirmed from './ttl-1-is-never-confirmed.ts';
import espInTwoZones from './esp-in-two-zones.ts';
import greInTwoZones from './gre-in-two-zones.ts';
import pptpCallHasNoAnswer from './pptp-call-has-no-answer.ts';
import sctpAssociationInTwoZones from './sctp-association-in-two-zones.ts';
import sctpWrongTag from './sctp-wrong-tag.ts';
import udpLiteCoverage from './udp-lite-coverage.ts';
import wrongUdpChecksum from './wrong-udp-checksum.ts';
import pingInTwoZones from './ping-in-two-zones.ts';
import unsolicitedEchoReply from './unsolicited-echo-reply.ts';
import fragmentedPingInTwoZones from './fragmented-ping-in-two-zones.ts';
import errorInTheRightZone from './error-in-the-right-zone.ts';
import errorInTheWrongZone from './error-in-the-wrong-zone.ts';
import errorAboutAReply from './error-about-a-reply.ts';
import errorToSomebodyElse from './error-to-somebody-else.ts';
import ipv6FragmentsInTwoZones from './ipv6-fragments-in-two-zones.ts';
import ipv6OverlapKillsADatagram from './ipv6-overlap-kills-a-datagram.ts';
import atomicFragment from './atomic-fragment.ts';
import ipv6FragmentTimeout from './ipv6-fragment-timeout.ts';
import ping6InTwoZones from './ping6-in-two-zones.ts';
import flushOfOneZone from './flush-of-one-zone.ts';
import flushOfZone0 from './flush-of-zone-0.ts';
import deleteInTheWrongZone from './delete-in-the-wrong-zone.ts';
import createdAndSaidAgain from './created-and-said-again.ts';
import createdByControl from './created-by-control.ts';
import createdTwice from './created-twice.ts';
import zones0And65535 from './zones-0-and-65535.ts';
import tcpOpen from './tcp-open.ts';
import tcpClose from './tcp-close.ts';
import tcpReset from './tcp-reset.ts';
import tcpReopen from './tcp-reopen.ts';
import tcpPickup from './tcp-pickup.ts';
import tcpNoPickup from './tcp-no-pickup.ts';
import tcpSimultaneousOpen from './tcp-simultaneous-open.ts';
import tcpChallengeAck from './tcp-challenge-ack.ts';
import tcpResynchronised from './tcp-resynchronised.ts';
import tcpOutOfWindow from './tcp-out-of-window.ts';
import tcpSynInTheWrongZone from './tcp-syn-in-the-wrong-zone.ts';
import tcpEndsThatDoNotFit from './tcp-ends-that-do-not-fit.ts';
import tcpSegmentInFragments from './tcp-segment-in-fragments.ts';
import firstRuleCounts from './first-rule-counts.ts';
import notrackAndThenAZone from './notrack-and-then-a-zone.ts';
import fragmentsThatAreNotTracked from './fragments-that-are-not-tracked.ts';
import zonesFromMarksGlueFragments from './zones-from-marks-glue-fragments.ts';
import zonesForRepliesGlueFragments from './zones-for-replies-glue-fragments.ts';
import repliesMeetInZone0 from './replies-meet-in-zone-0.ts';
import twoOwnersInZone0 from './two-owners-in-zone-0.ts';
import zonesThatContradict from './zones-that-contradict.ts';
import rfcZonesAreOfDevices from './rfc-zones-are-of-devices.ts';
import countedInEachZone from './counted-in-each-zone.ts';
import countedInAllZones from './counted-in-all-zones.ts';
import closedIsNotCounted from './closed-is-not-counted.ts';
import zoneIsFull from './zone-is-full.ts';
import fullTable from './full-table.ts';
import fullOfAssured from './full-of-assured.ts';
import fragmentMemory from './fragment-memory.ts';
import noMemoryForAZone from './no-memory-for-a-zone.ts';
import flushOfOneZoneEndedAll from './flush-of-one-zone-ended-all.ts';
import oneChainForAllZones from './one-chain-for-all-zones.ts';
import twoIdsInOrder from './two-ids-in-order.ts';
import ftpInTwoZones from './ftp-in-two-zones.ts';
import ftpInTheWrongZone from './ftp-in-the-wrong-zone.ts';
import ftpTooLate from './ftp-too-late.ts';
import ftpOverIpv6 from './ftp-over-ipv6.ts';
import ftpInOneDirection from './ftp-in-one-direction.ts';
import ftpExpectedInAllZones from './ftp-expected-in-all-zones.ts';

export const scenarios: Readonly<Record<string, Trace>> = {
  'equal-flows-in-two-zones': equalFlowsInTwoZones,
  'reply-in-the-right-zone': replyInTheRightZone,
  'reply-in-the-wrong-zone': replyInTheWrongZone,
  'connection-expires-in-its-zone': connectionExpiresInItsZone,
  'stream-after-two-seconds': streamAfterTwoSeconds,
  'equal-fragments-in-two-zones': equalFragmentsInTwoZones,
  'fragments-glued-after-defragmentation': fragmentsGluedAfterDefragmentation,
  'overlap-kills-a-datagram': overlapKillsADatagram,
  'duplicate-is-ignored': duplicateIsIgnored,
  'fragment-timeout': fragmentTimeout,
  'fragment-distance': fragmentDistance,
  'zone-0-beside-no-zone': zone0BesideNoZone,
  'early-zone-0-keeps-a-late-zone-away': earlyZone0KeepsALateZoneAway,
  'ids-that-alias': idsThatAlias,
  'ttl-1-is-never-confirmed': ttl1IsNeverConfirmed,
  'wrong-udp-checksum': wrongUdpChecksum,
  'udp-lite-coverage': udpLiteCoverage,
  'esp-in-two-zones': espInTwoZones,
  'gre-in-two-zones': greInTwoZones,
  'pptp-call-has-no-answer': pptpCallHasNoAnswer,
  'sctp-association-in-two-zones': sctpAssociationInTwoZones,
  'sctp-wrong-tag': sctpWrongTag,
  'ping-in-two-zones': pingInTwoZones,
  'unsolicited-echo-reply': unsolicitedEchoReply,
  'fragmented-ping-in-two-zones': fragmentedPingInTwoZones,
  'error-in-the-right-zone': errorInTheRightZone,
  'error-in-the-wrong-zone': errorInTheWrongZone,
  'error-about-a-reply': errorAboutAReply,
  'error-to-somebody-else': errorToSomebodyElse,
  tunnels,
  'tunnels-errors': tunnelsErrors,
  'tunnels-fragments': tunnelsFragments,
  'tunnels-over-ipv6': tunnelsOverIpv6,
  'node-information-keeps-its-identifier': nodeInformationKeepsItsIdentifier,
  'source-ports-of-directional-zones': sourcePortsOfDirectionalZones,
  'source-port-taken': sourcePortTaken,
  'ports-used-up-in-one-zone': portsUsedUpInOneZone,
  'mapping-used-again': mappingUsedAgain,
  'mirror-is-no-obstacle': mirrorIsNoObstacle,
  'forwarded-port': forwardedPort,
  'masquerade-moves': masqueradeMoves,
  'ipv6-fragments-in-two-zones': ipv6FragmentsInTwoZones,
  'ipv6-overlap-kills-a-datagram': ipv6OverlapKillsADatagram,
  'atomic-fragment': atomicFragment,
  'ipv6-fragment-timeout': ipv6FragmentTimeout,
  'ping6-in-two-zones': ping6InTwoZones,
  'flush-of-one-zone': flushOfOneZone,
  'flush-of-zone-0': flushOfZone0,
  'delete-in-the-wrong-zone': deleteInTheWrongZone,
  'created-and-said-again': createdAndSaidAgain,
  'created-by-control': createdByControl,
  'created-twice': createdTwice,
  'zones-0-and-65535': zones0And65535,
  'tcp-open': tcpOpen,
  'tcp-close': tcpClose,
  'tcp-reset': tcpReset,
  'tcp-reopen': tcpReopen,
  'tcp-pickup': tcpPickup,
  'tcp-no-pickup': tcpNoPickup,
  'tcp-simultaneous-open': tcpSimultaneousOpen,
  'tcp-challenge-ack': tcpChallengeAck,
  'tcp-resynchronised': tcpResynchronised,
  'tcp-out-of-window': tcpOutOfWindow,
  'tcp-syn-in-the-wrong-zone': tcpSynInTheWrongZone,
  'tcp-ends-that-do-not-fit': tcpEndsThatDoNotFit,
  'tcp-segment-in-fragments': tcpSegmentInFragments,
  'ftp-in-two-zones': ftpInTwoZones,
  'ftp-in-the-wrong-zone': ftpInTheWrongZone,
  'ftp-too-late': ftpTooLate,
  'ftp-over-ipv6': ftpOverIpv6,
  'ftp-in-one-direction': ftpInOneDirection,
  'ftp-expected-in-all-zones': ftpExpectedInAllZones,
  'first-rule-counts': firstRuleCounts,
  'notrack-and-then-a-zone': notrackAndThenAZone,
  'fragments-that-are-not-tracked': fragmentsThatAreNotTracked,
  'zones-from-marks-glue-fragments': zonesFromMarksGlueFragments,
  'zones-for-replies-glue-fragments': zonesForRepliesGlueFragments,
  'replies-meet-in-zone-0': repliesMeetInZone0,
  'two-owners-in-zone-0': twoOwnersInZone0,
  'zones-that-contradict': zonesThatContradict,
  'rfc-zones-are-of-devices': rfcZonesAreOfDevices,
  'counted-in-each-zone': countedInEachZone,
  'counted-in-all-zones': countedInAllZones,
  'closed-is-not-counted': closedIsNotCounted,
  'zone-is-full': zoneIsFull,
  'full-table': fullTable,
  'full-of-assured': fullOfAssured,
  'fragment-memory': fragmentMemory,
  'no-memory-for-a-zone': noMemoryForAZone,
  'flush-of-one-zone-ended-all': flushOfOneZoneEndedAll,
  'one-chain-for-all-zones': oneChainForAllZones,
  'two-ids-in-order': twoIdsInOrder,
};
