import { checkBounded } from './bounded.ts';
import { Case } from './case.ts';
import { checkDurableAck } from './durable-ack.ts';
import type { Breach, Evidence } from './evidence.ts';
import { checkExactlyOnce } from './exactly-once.ts';
import { checkGapless } from './gapless.ts';
import { checkIsolation } from './isolation.ts';
import { checkNoSilentLoss } from './no-silent-loss.ts';
import { checkOneOrder } from './one-order.ts';
import { checkReading } from './reading.ts';
import { checkRevocation } from './revocation.ts';
import { checkSendersOrder } from './senders-order.ts';

/** Everything in which the evidence breaks a guarantee, in the order of the guarantees. */
export function check(evidence: Evidence): Breach[] {
  const court = new Case(evidence);
  return [
    checkDurableAck, checkExactlyOnce, checkGapless, checkOneOrder, checkSendersOrder, checkNoSilentLoss, checkRevocation,
    checkIsolation, checkBounded, checkReading,
  ].flatMap((judge) => judge(court));
}
