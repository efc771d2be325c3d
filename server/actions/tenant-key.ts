/** A key for maps that hold things of many tenants. Ids hold no control characters (`hostId`), so two pairs never meet. */
export function tenantKey(tenant: string, ...ids: string[]): string {
  return [tenant, ...ids].join('\u0000');
}
