/**
 * The highest rate that `holds`, to a tenth: doubling from `start` until one does not (or halving until one does), then
 * halfway between, in ratio, until the two are close. Zero where not even one a second holds; `failed` is the lowest that did not.
 */
export async function findHighestRate(
  start: number, holds: (perSecond: number) => Promise<boolean>, { ceiling = 1_000_000 } = {},
): Promise<{ highest: number; failed: number | undefined }> {
  let highest = 0;
  let failed: number | undefined;
  let rate = Math.max(1, Math.round(start));
  while (rate <= ceiling) {
    if (await holds(rate)) highest = rate;
    else failed = rate;
    if (failed === undefined) rate *= 2;
    else if (highest === 0 && rate > 1) rate = Math.floor(rate / 2);
    else if (highest === 0 || failed / highest <= 1.1 || failed - highest <= 1) break;
    else rate = Math.round(Math.sqrt(highest * failed));
  }
  return { highest, failed };
}
