/** The stored format of `removal-due-at`: a time for the whole Secret, or `<profile>=<time>` items. */
import { earliest, parseInstant } from '../times.ts';

export type RemovalDue =
  | { readonly kind: 'whole'; readonly at: Date }
  | { readonly kind: 'profiles'; readonly at: ReadonlyMap<string, Date> };

const MAX_LENGTH = 16 * 1024;

export function renderRemovalDue(due: RemovalDue): string {
  if (due.kind === 'whole') return due.at.toISOString();
  return [...due.at].map(([profile, at]) => `${profile}=${at.toISOString()}`).join(',');
}

/** Anything that `renderRemovalDue` could not have written gives `undefined`. */
export function parseRemovalDue(text: string | undefined): RemovalDue | undefined {
  if (text === undefined || text === '' || text.length > MAX_LENGTH) return undefined;
  if (!text.includes('=')) {
    const at = parseInstant(text);
    return at === undefined ? undefined : { kind: 'whole', at };
  }
  const at = new Map<string, Date>();
  for (const item of text.split(',')) {
    const [profile = '', time = '', ...rest] = item.split('=');
    const parsed = parseInstant(time);
    if (profile === '' || parsed === undefined || rest.length > 0) return undefined;
    at.set(profile, parsed);
  }
  return { kind: 'profiles', at };
}

/** When the whole Secret is due by any of `sources`: the earliest of their times. */
export function dueOfAll(sources: readonly (RemovalDue | undefined)[]): Date | undefined {
  return earliest(
    sources.flatMap((due) => {
      if (due === undefined) return [];
      return due.kind === 'whole' ? [due.at] : [...due.at.values()];
    }),
  );
}

/** When this profile's entries are due by any of `sources`. */
export function dueOfProfile(
  profile: string,
  sources: readonly (RemovalDue | undefined)[],
): Date | undefined {
  return earliest(sources.map((due) => (due?.kind === 'profiles' ? due.at.get(profile) : due?.at)));
}
