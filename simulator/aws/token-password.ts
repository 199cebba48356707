/** Passwords of simulated tokens: as long as real ones, numbered, with a marker that a search for leaks finds. */

/** About 2.5 kB as `auth`. `marker` is within the first 60 characters, so that a truncated leak shows it too. */
export function passwordOf(number: number, marker: string): string {
  const head = `Token${String(number).padStart(6, '0')}${marker}`;
  return head.padEnd(1_860, 'eyJwYXlsb2FkIjoiRmFrZVRva2VuUGF5bG9hZCJ9');
}

/** The number in a password that `passwordOf` created, or undefined. */
export function tokenNumberOf(password: string): number | undefined {
  const match = /^Token(\d{6})/.exec(password);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
