export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Three digits of it: more would only be noise. */
export function millis(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${short(value)} ms`;
}

/** The half, and all but one of a hundred. */
export function p50p99(p50Ms: number, p99Ms: number): string {
  return `${short(p50Ms)} / ${short(p99Ms)} ms`;
}

export function micros(value: number): string {
  return `${value.toFixed(2)} µs`;
}

export function kibibytes(value: number): string {
  return `${(value / 1024).toFixed(1)} KiB`;
}

export function people(count: string): string {
  return `${thousands(Number(count))} people`;
}

function short(value: number): string {
  return value < 10 ? value.toFixed(1) : thousands(value);
}
