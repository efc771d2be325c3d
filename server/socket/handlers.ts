import type { RequestKind, RequestOutput, RequestParsed } from '#protocol/frames';
import { noSuchRoom, roomFor } from '../actions/access.ts';
import { openRoom } from '../actions/open-room.ts';
import { type SessionKind, type VerbKind, verbs } from '../actions/verbs.ts';
import { ChatterError } from '../errors.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** `afterReply` calls back in the turn that the answer went out, before anything else can. */
type AfterReply = (callback: () => void) => void;
type SessionHandler<K extends SessionKind> =
  (sessions: Sessions, session: Session, input: RequestParsed<K>, afterReply: AfterReply) => Promise<RequestOutput<K>>;

/** What only a session can ask for; all the rest is in `actions/verbs.ts`. */
const sessionHandlers = {
  async 'room.open'({ context, hub }, session, input, afterReply) {
    const { actor, subscriptions } = session;
    await roomFor(context, actor, 'read', input.room);
    mustBeLive(session);
    if (!subscriptions.has(input.room) && subscriptions.size >= context.limits.roomsPerConnection) {
      throw new ChatterError('too_large', `A connection may have ${context.limits.roomsPerConnection} rooms open: close one first.`);
    }
    const subscription = await hub.subscribe(session, actor.tenant, input.room);
    try {
      const output = await openRoom(context, actor, input);
      if (subscription.state === 'gone') throw noSuchRoom();
      afterReply(() => {
        subscription.feed.goLive(subscription, output);
        hub.occupancy.opened(subscription, output.room.memberCount);
      });
      return output;
    } catch (error) {
      hub.unsubscribe(subscription);
      throw error;
    }
  },
  async 'room.close'({ hub }, session, input) {
    const subscription = session.subscriptions.get(input.room);
    if (subscription) hub.unsubscribe(subscription);
    return {};
  },
  async 'presence.watch'({ hub }, session, input) {
    return { online: await hub.presence.watch(session, input.users) };
  },
  async 'token.refresh'({ context, auth }, session, input) {
    const identity = await auth.authenticate(input.token);
    session.renew(identity);
    await context.knownPeople.meet(identity);
    return { expiresAt: identity.expiresAt };
  },
} satisfies { [K in SessionKind]: SessionHandler<K> };

/** Answers a request whose input was parsed by its own schema. */
export function answer(
  sessions: Sessions, session: Session, kind: RequestKind, input: object, afterReply: AfterReply,
): Promise<RequestOutput<RequestKind>> {
  // The kind has chosen both the schema that made `input` and the function that takes it; TypeScript cannot follow that.
  if (isSessionKind(kind)) {
    const handler = sessionHandlers[kind] as SessionHandler<SessionKind>;
    return handler(sessions, session, input as never, afterReply);
  }
  const verb = verbs[kind] as (context: unknown, actor: unknown, input: unknown) => Promise<RequestOutput<VerbKind>>;
  return verb(sessions.context, session.actor, input);
}

function isSessionKind(kind: RequestKind): kind is SessionKind {
  return Object.hasOwn(sessionHandlers, kind);
}

/** The session may have ended while something was awaited; whoever is gone must not be registered anywhere. */
function mustBeLive(session: Session): void {
  if (!session.isLive) throw new ChatterError('unavailable', 'The connection has ended.');
}
