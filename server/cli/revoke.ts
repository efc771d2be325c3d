import { hostId } from '#protocol/models';
import type { RevocationKind, Store } from '../store/store.ts';

/** What the words after `revoke` and `restore` can be, and whether something has to be named. */
const forms = {
  revoke: { tenant: false, person: true, tokens: true, token: true },
  restore: { tenant: false, person: true },
} as const satisfies Record<string, Partial<Record<RevocationKind, boolean>>>;
export type RevokeCommand = keyof typeof forms;

/**
 * `revoke person 42`: writes into the database whom servers let in no more (or again), and says what is so now. Resolves to
 * the exit code.
 */
export async function revokeByCommand(options: {
  store: Pick<Store, 'writeRevocation'>; tenant: string; command: RevokeCommand; words: readonly string[];
  /** Tells the servers, where there is a way to; answers whether they were told. */
  ring?: () => Promise<boolean>;
}): Promise<number> {
  const { store, tenant, command, words, ring } = options;
  const [kind = '', subject = '', ...tooMany] = words;
  const isNamed = (forms[command] as Record<string, boolean>)[kind];
  if (isNamed === undefined || tooMany.length > 0 || (subject !== '') !== isNamed || (isNamed && !hostId.safeParse(subject).success)) {
    const known = Object.entries(forms[command]).map(([form, named]) => `${command} ${form}${named ? ' ID' : ''}`);
    process.stderr.write(`Say what to ${command}: ${known.join(', ')}.\n`);
    return 1;
  }
  await store.writeRevocation({ tenant, kind: kind as RevocationKind, subject, ...(command === 'revoke' ? { at: Date.now() } : {}) });
  const isTold = await ring?.() ?? false;
  const what = { tenant: `Everybody of the tenant ${tenant}`, person: `${subject} of the tenant ${tenant}`, tokens: `What ${subject} has for tokens so far`, token: `The token ${subject}` }[kind];
  process.stdout.write(`${what} is ${command === 'revoke' ? 'out' : 'let in again'}: servers that run ${isTold ? 'have been told' : 'know it within half a minute'}.\n`);
  return 0;
}
