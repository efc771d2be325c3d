import type { Identity } from '../auth/auth.ts';
import type { ServerContext } from '../context.ts';
import { ChatterError } from '../errors.ts';

/** Throws unless the person may find each of `users`. Who does not exist and who may not be found answer alike (R1). */
export async function mustFind(context: ServerContext, identity: Identity, users: readonly string[]): Promise<void> {
  const others = [...new Set(users)].filter((user) => user !== identity.user.id);
  if (others.length === 0) return;
  const found = new Set(await findable(context, identity, others));
  if (others.some((user) => !found.has(user))) {
    throw new ChatterError('not_found', 'One of these people does not exist, or is not for you to find.');
  }
}

async function findable(context: ServerContext, identity: Identity, users: readonly string[]): Promise<string[]> {
  switch (context.access.directory(identity)) {
    case 'tenant':
      return (await context.store.people(identity.tenant, users)).map((person) => person.id);
    case 'shared':
      return context.store.companions(identity.tenant, identity.user.id, users);
    case 'none':
      return [];
  }
}
