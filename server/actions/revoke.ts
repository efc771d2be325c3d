import type { ServerContext } from '../context.ts';
import type { Revocable } from './revocations.ts';

/** Lets somebody in no more, on all nodes (G7). Resolves when it is written; sessions of this node have ended then. */
export async function revoke(context: ServerContext, tenant: string, what: Revocable): Promise<void> {
  await context.revocations.revoke(tenant, what);
  context.announcer.revoked();
}

/** Lets the person, or everybody of the tenant, in again. */
export async function restore(
  context: ServerContext, tenant: string, what: Extract<Revocable, { kind: 'tenant' | 'person' }>,
): Promise<void> {
  await context.revocations.restore(tenant, what);
  context.announcer.revoked();
}
