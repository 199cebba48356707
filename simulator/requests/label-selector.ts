/** Parses `labelSelector`: comparison (`=`, `==`, `!=`, `<`, `>`), sets (`in`, `notin`) and existence. */
import { badRequest } from '../objects/api-failure.ts';
import { isKey, isLabelValue } from '../objects/name-forms.ts';

export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/** The key that must be missing, or a key with an operator and its values. */
const REQUIREMENT =
  /^\s*(?:!\s*(?<missing>[^\s=!(),<>]+)|(?<key>[^\s=!(),<>]+)(?:\s*(?<sign>==|!=|[=<>])\s*(?<value>[^\s=!(),<>]*)|\s+(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*$/;
const INTEGER = /^-?\d+$/;

/** Throws a 400 for text that can't be parsed. An empty selector selects everything. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') return () => true;
  // Splits at commas outside sets.
  const requirements = text.split(/,(?![^(]*\))/).map(parseRequirement);
  return (labels) => requirements.every((requirement) => requirement(labels));
}

function parseRequirement(text: string): LabelSelector {
  const found = REQUIREMENT.exec(text)?.groups ?? {};
  const { missing, key = missing ?? '', sign = found['set'], value, values = value ?? '' } = found;
  // A value between two commas, or next to a bracket, may be empty.
  const wanted = values.split(',').map((one) => one.trim());
  const areValues =
    sign === '<' || sign === '>' ? INTEGER.test(values) : wanted.every(isLabelValue);
  if (!isKey(key) || !areValues) throw badRequest(`unable to parse requirement: ${text}`);
  return (labels) => {
    const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (sign === undefined) return (label === undefined) === (missing !== undefined);
    if (sign === '!=' || sign === 'notin') return label === undefined || !wanted.includes(label);
    if (label === undefined) return false;
    if (sign !== '<' && sign !== '>') return wanted.includes(label);
    if (!INTEGER.test(label)) return false;
    return sign === '<' ? Number(label) < Number(values) : Number(label) > Number(values);
  };
}
