/** Names that stand only where the program uses them, read from its source: Events, error codes and log messages. */
import { parseSync } from '@swc/core';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, '../../../src');

export interface LogCall {
  readonly message: string;
  /** `warn` and `error` where the code decides at run time. */
  readonly levels: readonly string[];
  readonly fields: readonly string[];
}

/** An Event gets its reason from a condition, an error's `eventReason`, or a literal where it is emitted. */
export function eventReasons(): readonly string[] {
  const given =
    /\b(?:reason|eventReason|EVENT_REASON)\??\s*(?::|=(?!=)|\?\?)[\s|]*((?:'\w+'[\s|]*)+)/g;
  const announced = /'((?:PullSecret|TokenRequest)[A-Z]\w+)'/g;
  const source = sources().join('\n');
  const literals = [...source.matchAll(given), ...source.matchAll(announced)].flatMap(
    ([, text = '']) => text.match(/\w+/g) ?? [],
  );
  // The reasons of steps begin with a lower-case letter.
  return sorted(literals.filter((literal) => /^[A-Z]/.test(literal)));
}

/** The `code` of every error that is created with a literal one. Those of AWS are composed, and have their own table. */
export function errorCodes(): readonly string[] {
  return sorted(
    [
      ...sources()
        .join('\n')
        .matchAll(/\bcode: '([A-Z_]+)'/g),
    ].map(([, code = '']) => code),
  );
}

/** Each message once, sorted. */
export function logCalls(): readonly LogCall[] {
  const calls = sources().flatMap((source) => logCallsIn(parseSync(source, SYNTAX)));
  const byMessage = Map.groupBy(calls, ({ message }) => message);
  return [...byMessage]
    .map(([message, same]) => ({
      message,
      levels: LEVELS.filter((level) => same.some(({ levels }) => levels.includes(level))),
      fields: sorted(same.flatMap(({ fields }) => fields)),
    }))
    .sort((a, b) => (a.message < b.message ? -1 : 1));
}

const SYNTAX = { syntax: 'typescript', target: 'es2024' } as const;
const LEVELS = ['debug', 'info', 'warn', 'error'];

function sources(): readonly string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(SOURCE, name), 'utf8'));
}

/** A node of swc's tree, with the members that are read here. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly callee?: Node;
  readonly object?: Node;
  readonly property?: Node;
  readonly key?: Node;
  readonly arguments?: unknown;
  readonly properties?: readonly Node[];
  readonly id?: Node;
  readonly identifier?: Node;
  readonly init?: Node;
}

function nodesIn(node: unknown): readonly Node[] {
  if (typeof node !== 'object' || node === null) return [];
  return [node, ...Object.values(node).flatMap((value: unknown) => nodesIn(value))];
}

/** `log.info(fields, 'message')`, `this.#deps.log[level](…)` and the like. */
function logCallsIn(file: unknown): readonly LogCall[] {
  const nodes = nodesIn(file);
  return nodes.flatMap((node): readonly LogCall[] => {
    const { object, property } = node.callee ?? {};
    if (node.type !== 'CallExpression' || nameOf(object) !== 'log') return [];
    const [fields, message] = (node.arguments ?? []) as readonly { readonly expression: Node }[];
    if (message?.expression.type !== 'StringLiteral') return [];
    return [
      {
        message: String(message.expression.value),
        levels: property?.type === 'Computed' ? ['warn', 'error'] : [String(property?.value)],
        fields: keysOf(fields?.expression, nodes),
      },
    ];
  });
}

/** The keys of an object literal, through variables and functions of the same file. */
function keysOf(value: Node | undefined, file: readonly Node[]): readonly string[] {
  if (value?.type === undefined) return [];
  switch (value.type) {
    case 'ObjectExpression':
      return (value.properties ?? []).flatMap((property) => {
        if (property.type === 'SpreadElement') {
          return keysOf((property as { readonly arguments?: Node }).arguments, file);
        }
        return [String((property.key ?? property).value)];
      });
    case 'ParenthesisExpression':
      return keysOf((value as { readonly expression?: Node }).expression, file);
    case 'ConditionalExpression': {
      const { consequent, alternate } = value as Readonly<Record<'consequent' | 'alternate', Node>>;
      return [...keysOf(consequent, file), ...keysOf(alternate, file)];
    }
    case 'Identifier': {
      const variables = file.filter(({ id }) => id?.value === value.value);
      return variables.flatMap(({ init }) => keysOf(init, file));
    }
    case 'CallExpression': {
      const name = nameOf(value.callee);
      const called = file.filter(({ identifier }) => identifier?.value === name);
      const returns = nodesIn(called).filter(({ type }) => type === 'ReturnStatement');
      return returns.flatMap((one) => keysOf((one as { readonly argument?: Node }).argument, file));
    }
    default:
      return [];
  }
}

/** Of a variable or of the last member. */
function nameOf(node: Node | undefined): unknown {
  return node?.type === 'MemberExpression' ? nameOf(node.property) : node?.value;
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort();
}
