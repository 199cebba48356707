/** CHANGELOG.md, by versions. */
import { readFileSync } from 'node:fs';

/** The text of the section `## [VERSION] - DATE`, or `undefined`. */
export function readSection(version) {
  const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
  const section = sections.find((one) => one.startsWith(`[${version}] - `));
  if (section === undefined) return undefined;
  const [, ...lines] = section.split('\n');
  // What stands below the last section are the targets of links.
  return lines
    .filter((line) => !/^\[[^\]]+\]: /.test(line))
    .join('\n')
    .trim();
}

/** Its items: `kind` is the heading above in small letters, as Artifact Hub has them; `description` is plain text. */
export function changesIn(section) {
  return section.split(/^### /m).flatMap((part) => {
    const [kind = '', ...lines] = part.split('\n');
    return lines
      .filter((line) => line.startsWith('- '))
      .map((line) => ({ kind: kind.trim().toLowerCase(), description: plain(line.slice(2)) }));
  });
}

function plain(markdown) {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\*\*|`/g, '');
}
