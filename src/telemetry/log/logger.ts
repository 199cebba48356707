/** The log: one line for each thing that happened, JSON for machines or a plain line for people. */
import { destination, pino, stdTimeFunctions } from 'pino';
import type { Log } from '../../base/log.ts';
import { redactLine } from './redact-line.ts';
import { renderPretty } from './render-pretty.ts';
import { serializeError } from './serialize-error.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const LOG_FORMATS = ['json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Fields of every line, such as the instance. */
  readonly base: Readonly<Record<string, unknown>>;
  /** Takes whole lines; standard output unless given. */
  readonly write?: (line: string) => void;
}

const WRITE_WITHIN_MS = 10;

/** Names under which secrets travel in what others hand us; tokens of our own are `SecretText` and print nothing. */
const SECRET_NAMES = [
  'auth',
  'authorization',
  'Authorization',
  'authorizationToken',
  'token',
  'password',
  'secretAccessKey',
  'sessionToken',
  'dockerConfig',
  '["x-amz-security-token"]',
];

/** What a moment says is written in one go; when the process ends, what is left is written before. */
export function createLog({ level, format, base, write = openStdout() }: LogOptions): Log {
  const render = format === 'pretty' ? renderPretty : (line: string) => line;
  const stream = { write: (line: string) => write(redactLine(render(line))) };
  return pino(
    {
      level,
      base,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withErrorsSerialized },
      // What `formatters.log` made of an error is final; pino's own serialiser would take it for one.
      serializers: { err: (fields: unknown) => fields },
      redact: { paths: SECRET_NAMES.flatMap(atTwoDepths), censor: '[redacted]' },
    },
    stream,
  );
}

/** Errors under any name, not only `err`: printed as objects they would show the requests that SDKs hang on them. */
function withErrorsSerialized(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        name === 'err' || value instanceof Error ? serializeError(value) : value,
      ]),
  );
}

function atTwoDepths(name: string): readonly string[] {
  return name.startsWith('[') ? [name, `*${name}`] : [name, `*.${name}`];
}

function openStdout(): (line: string) => void {
  const stdout = destination({ fd: 1, sync: true });
  // A reader that went away (`| head`) is no reason to end the controller.
  stdout.on('error', () => {});
  let pending = '';
  const flush = (): void => {
    const lines = pending;
    pending = '';
    if (lines !== '') stdout.write(lines);
  };
  // A write of its own for each line is the dearest part of a busy moment: it wakes the reader each time.
  process.on('exit', flush);
  return (line) => {
    if (pending === '') setTimeout(flush, WRITE_WITHIN_MS).unref();
    pending += line;
  };
}
