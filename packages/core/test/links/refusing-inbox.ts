/**
 * The inbox of a node that takes part in no introduction, referral, relay or request for memory: it rejects them all.
 */
import type { Verdict } from "../../src/base/verdict.ts";
import type { NodePeer } from "../../src/links/contract.ts";
import type { NodeInbox } from "../../src/links/node-inbox.ts";

export class RefusingInbox implements NodeInbox {
  readonly linkFailed: (link: NodePeer) => void;

  constructor(linkFailed: (link: NodePeer) => void) {
    this.linkFailed = linkFailed;
  }

  referNonBroker(): Verdict {
    return "reject";
  }

  nonBrokerReferralAccepted(): Verdict {
    return "reject";
  }

  nonBrokerReferralRejected(): Verdict {
    return "reject";
  }

  requestIntroduction(): Verdict {
    return "reject";
  }

  acceptIntroduction(): Verdict {
    return "reject";
  }

  rejectIntroduction(): Verdict {
    return "reject";
  }

  requestIndirectIntroduction(): Verdict {
    return "reject";
  }

  requestMemory(): Verdict {
    return "reject";
  }

  provideMemory(): Verdict {
    return "reject";
  }

  relayMessage(): Verdict {
    return "reject";
  }

  acceptRelayedMessage(): Verdict {
    return "reject";
  }
}
