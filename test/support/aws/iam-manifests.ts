/** Reads the files of manifests/iam and the shell blocks of docs/aws-permissions.md for the tests of both. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { blocksIn } from '../pages/document-page.ts';

export const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = 'manifests/iam';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

interface Described {
  readonly Description?: string;
}

export interface Template extends Described {
  readonly Parameters: Readonly<Record<string, Described & { readonly Default?: string }>>;
  readonly Resources: Readonly<
    Record<
      string,
      { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }
    >
  >;
  readonly Outputs: Readonly<Record<string, Described>>;
}

export function iamFiles(extension: '.json' | '.yaml'): readonly string[] {
  return readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith(extension));
}

export function iamText(name: string): string {
  return readFileSync(join(ROOT, FOLDER, name), 'utf8');
}

/** Throws a SyntaxError if the file is not JSON. */
export function jsonPolicy(name: string): PolicyDocument {
  return JSON.parse(iamText(name)) as PolicyDocument;
}

/** Keeps CloudFormation's tags: `!Ref Role` reads as `Role`, and the tags are there when the document is written again. */
export function templateDocument(name: string): Document {
  const document = parseDocument(iamText(name));
  const [error] = document.errors;
  if (error !== undefined) throw error;
  return document;
}

export function template(name: string): Template {
  // Its warnings, one for each tag that it doesn't know, are ignored.
  return templateDocument(name).toJS() as Template;
}

/** Actions by Sid, sorted. Throws an Error for a statement without a Sid. */
export function actionsBySid({
  Statement,
}: PolicyDocument): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Statement.map(({ Sid, Action }) => {
      if (Sid === undefined) throw new Error('reading a policy: a statement has no Sid');
      return [Sid, [Action].flat().toSorted()];
    }),
  );
}

export interface ShellBlock {
  /** The title of its section. */
  readonly section: string;
  readonly text: string;
}

export const PERMISSIONS_PAGE = readFileSync(join(ROOT, 'docs/aws-permissions.md'), 'utf8');

export function shellBlocks(): readonly ShellBlock[] {
  return PERMISSIONS_PAGE.split(/^#+ /m).flatMap((part) => {
    const [section = ''] = part.split('\n');
    return blocksIn(part, 'sh').map((text) => ({ section, text }));
  });
}
