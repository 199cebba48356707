/** `labelSelector`: equality (`=`, `==`, `!=`, `<`, `>`), sets (`in`, `notin`) and existence, with the server's refusals. */
import { badRequest, type ApiFailure } from './api-failure.ts';
import { faultOfKey, faultOfLabelValue } from './name-forms.ts';

export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

type Operator = 'in' | 'notin' | 'above' | 'below';

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['=', 'in'],
  ['==', 'in'],
  ['!=', 'notin'],
  ['in', 'in'],
  ['notin', 'notin'],
  ['>', 'above'],
  ['<', 'below'],
]);
const TOKEN = /==|!=|[=!(),<>]|[^\s=!(),<>]+/g;
const END = '';

/** Throws a 400 as the server words it. An empty selector selects everything. */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = new Tokens(text);
  const requirements: LabelSelector[] = [];
  if (isEnd(tokens.peek())) return () => true;
  if (tokens.peek() !== '!' && !isIdentifier(tokens.peek())) {
    throw unexpected(tokens.peek(), ", expected: !, identifier, or 'end of string'");
  }
  for (;;) {
    requirements.push(parseRequirement(tokens));
    const after = tokens.next();
    if (isEnd(after)) break;
    if (after !== ',') throw unexpected(after, ", expected: ',' or 'end of string'");
    if (tokens.peek() !== '!' && !isIdentifier(tokens.peek())) {
      throw unexpected(tokens.peek(), ", expected: identifier after ','");
    }
  }
  return (labels) => requirements.every((requirement) => requirement(labels));
}

class Tokens {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = text.match(TOKEN) ?? [];
  }

  peek(): string {
    return this.#tokens[this.#position] ?? END;
  }

  next(): string {
    const token = this.peek();
    this.#position += 1;
    return token;
  }
}

function parseRequirement(tokens: Tokens): LabelSelector {
  const isNegated = tokens.peek() === '!';
  if (isNegated) tokens.next();
  const key = tokens.next();
  if (!isIdentifier(key)) throw unparsable(`found '${key}', expected: identifier`);
  refuseBadKey(key);
  if (isEnd(tokens.peek()) || tokens.peek() === ',') {
    return (labels) => Object.hasOwn(labels, key) !== isNegated;
  }
  const sign = tokens.next();
  const operator = OPERATORS.get(sign);
  if (operator === undefined) {
    throw unparsable(`found '${sign}', expected: in, notin, =, ==, !=, gt, lt`);
  }
  const values = sign === 'in' || sign === 'notin' ? parseSet(tokens) : [parseValue(tokens)];
  refuseBadValues(key, operator, values);
  return requirementOf(key, operator, values);
}

function requirementOf(key: string, operator: Operator, values: readonly string[]): LabelSelector {
  const [bound = ''] = values;
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value === undefined) return operator === 'notin';
    if (operator === 'in') return values.includes(value);
    if (operator === 'notin') return !values.includes(value);
    if (!/^-?\d+$/.test(value)) return false;
    return operator === 'above' ? Number(value) > Number(bound) : Number(value) < Number(bound);
  };
}

function parseValue(tokens: Tokens): string {
  if (isEnd(tokens.peek()) || tokens.peek() === ',') return '';
  const value = tokens.next();
  if (isIdentifier(value)) return value;
  throw unparsable(`found '${value}', expected: identifier`);
}

/** What stands between two commas, or beside a bracket, may be empty. */
function parseSet(tokens: Tokens): readonly string[] {
  const open = tokens.next();
  if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
  const values: string[] = [];
  for (;;) {
    const value = isIdentifier(tokens.peek()) ? tokens.next() : '';
    values.push(value);
    const after = tokens.next();
    if (after === ')') return values;
    if (after !== ',') throw unparsable(`found '${after}', expected: ',' or ')'`);
  }
}

function refuseBadKey(key: string): void {
  const fault = faultOfKey(key);
  if (fault === undefined) return;
  throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${fault}`);
}

function refuseBadValues(key: string, operator: Operator, values: readonly string[]): void {
  values.forEach((value, index) => {
    if (operator === 'above' || operator === 'below') {
      if (/^-?\d+$/.test(value)) return;
      const why = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw unparsable(`values[${index}]: Invalid value: ${JSON.stringify(value)}: ${why}`);
    }
    const fault = faultOfLabelValue(value);
    if (fault === undefined) return;
    throw unparsable(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${fault}`);
  });
}

function isIdentifier(token: string): boolean {
  return token !== END && !/^[=!(),<>]/.test(token);
}

function isEnd(token: string): boolean {
  return token === END;
}

function unexpected(token: string, expected: string): ApiFailure {
  return badRequest(`found '${token}'${expected}`);
}

function unparsable(why: string): ApiFailure {
  return badRequest(`unable to parse requirement: ${why}`);
}
