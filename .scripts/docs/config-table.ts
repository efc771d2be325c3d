/** Every setting of the server. */
export function configTable(): string {
  return '';
}
