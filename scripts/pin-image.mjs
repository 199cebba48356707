/** `node scripts/pin-image.mjs VALUES_FILE REPOSITORY DIGEST`: the chart's default image becomes this one and no other. */
import { readFileSync, writeFileSync } from 'node:fs';

const [file = '', repository = '', digest = ''] = process.argv.slice(2);
const isDigest = /^sha256:[0-9a-f]{64}$/.test(digest);
if (!isDigest) throw new Error(`pinning the image: no digest: ${digest}`);

const [before, image, after] = partsOf(readFileSync(file, 'utf8'));
const pinned = Object.entries({ repository, digest: `'${digest}'` }).reduce(setKey, image);
writeFileSync(file, before + pinned + after);

/** The text before the top-level key `image`, what is indented below it, and the rest. */
function partsOf(text) {
  const parts = /^(.*^image:\n)((?:  .*\n)+)(.*)$/ms.exec(text);
  if (parts === null) throw new Error(`pinning the image: ${file} has no key "image"`);
  return parts.slice(1);
}

function setKey(text, [key, value]) {
  const line = new RegExp(`^  ${key}: .*$`, 'm');
  if (!line.test(text)) throw new Error(`pinning the image: ${file} has no key "image.${key}"`);
  return text.replace(line, `  ${key}: ${value}`);
}
