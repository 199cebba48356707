/** Defaults and validation of a Lease's spec: times to the microsecond, numbers with a lower bound. */
import { mapOf, type JsonObject } from './api-object.ts';
import type { StatusCause } from './api-failure.ts';

const TIMES = ['acquireTime', 'renewTime'] as const;
const NUMBERS = ['leaseDurationSeconds', 'leaseTransitions'] as const;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.,]\d{6}(Z|[+-]\d\d:\d\d)$/;

/** Renders times in UTC with six digits of the second, whatever their zone was. */
export function withLeaseDefaults(lease: JsonObject): JsonObject {
  const present = Object.entries(mapOf(lease['spec'])).filter(([, value]) => value !== null);
  const spec: Record<string, unknown> = Object.fromEntries(present);
  for (const field of TIMES) {
    const time = spec[field];
    if (typeof time === 'string') spec[field] = inUtc(time);
  }
  return { ...lease, spec };
}

/** Whether the server's merge can't read the Lease. */
export function hasTextForNumber(lease: JsonObject): boolean {
  const spec = mapOf(lease['spec']);
  return NUMBERS.some((field) => typeof spec[field] === 'string');
}

/** Whether the server's decoder can't read the Lease. */
export function isIllTypedLease(lease: JsonObject): boolean {
  const spec = mapOf(lease['spec']);
  const misfits = (fields: readonly string[], fits: (value: unknown) => boolean): boolean =>
    fields.some((field) => isGiven(spec[field]) && !fits(spec[field]));
  return (
    misfits(NUMBERS, Number.isInteger) ||
    misfits(['holderIdentity'], (value) => typeof value === 'string') ||
    misfits(TIMES, (value) => typeof value === 'string' && TIME.test(value))
  );
}

export function leaseFaults(lease: JsonObject): StatusCause[] {
  const { leaseDurationSeconds, leaseTransitions } = mapOf(lease['spec']);
  const faults: StatusCause[] = [];
  const refuse = (field: string, value: number, why: string): void => {
    const message = `Invalid value: ${value}: must be ${why} 0`;
    faults.push({ reason: 'FieldValueInvalid', message, field: `spec.${field}` });
  };
  if (typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0) {
    refuse('leaseDurationSeconds', leaseDurationSeconds, 'greater than');
  }
  if (typeof leaseTransitions === 'number' && leaseTransitions < 0) {
    refuse('leaseTransitions', leaseTransitions, 'greater than or equal to');
  }
  return faults;
}

/** A `Date` has no microseconds, so the digits of the second are copied as text. */
function inUtc(time: string): string {
  const [, seconds = '', digits = '', zone = ''] = /^(.*)[.,](\d{6})(.*)$/.exec(time) ?? [];
  return new Date(seconds + zone).toISOString().replace(/\.\d+Z$/, `.${digits}Z`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
