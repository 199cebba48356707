/** Decides whose a Secret with our name is. */
import type { Settings } from '../settings.ts';
import type { CachedNamespace, CachedPullSecret } from '../state/observed.ts';
import { decideOptIn, type OptIn } from './opt-in.ts';

/** The part of an opt-in that ownership depends on. */
export type Standing =
  | { readonly kind: Exclude<OptIn['kind'], 'frozen'> }
  | Pick<Extract<OptIn, { kind: 'frozen' }>, 'kind' | 'isEnabledUnknown'>;

/**
 * Whether we may refresh it. With our Apply entry it is ours wherever it is. Labels alone are what a backup restores, but
 * any copy has them too, so they count only where our Secret belongs: in a namespace that is opted in, or frozen by any
 * annotation but `enabled`.
 */
export function isOurs(pullSecret: CachedPullSecret, standing: Standing): boolean {
  return pullSecret.appliedByUs || (pullSecret.labelledOurs && doLabelsCount(standing));
}

/** The same, for a namespace whose opt-in is not decided yet: it is only where labels are all that the Secret has. */
export function isOursIn(
  namespace: CachedNamespace,
  pullSecret: CachedPullSecret,
  settings: Pick<Settings, 'namespaces'>,
): boolean {
  const { appliedByUs, labelledOurs } = pullSecret;
  return appliedByUs || (labelledOurs && doLabelsCount(decideOptIn(namespace, settings)));
}

/** Whether it has our labels and is not ours: a copy, a forgery, or a restored one whose namespace has opted out. */
export function isNobodys(pullSecret: CachedPullSecret, standing: Standing): boolean {
  return pullSecret.labelledOurs && !isOurs(pullSecret, standing);
}

function doLabelsCount(standing: Standing): boolean {
  return standing.kind === 'in' || (standing.kind === 'frozen' && !standing.isEnabledUnknown);
}
