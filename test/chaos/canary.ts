/**
 * A canary is a mark in everything that people write and are called, of the tenant and the room where it was let out. Where
 * one sings in a frame, that frame carries what belongs there (G8).
 */
export function canary(tenant: string, label = '-'): string {
  return `~${tenant}/${label}~`;
}

/** The canaries in a text. */
export function canariesIn(text: string): { tenant: string; label: string }[] {
  return [...text.matchAll(/~([\w.-]+)\/([\w.-]+)~/g)].map(([, tenant, label]) => ({ tenant: tenant!, label: label! }));
}
