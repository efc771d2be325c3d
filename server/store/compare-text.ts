/** Orders text by its bytes in UTF-8, as databases do: UTF-16 puts emoji before some rare letters. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
