import { describe, expect, it } from '@jest/globals';
import { credentialsFor } from '../../../simulator/kubelet.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

function config(...keys: readonly string[]): string {
  const entries = keys.map((key) => [key, { auth: btoa(`AWS:token of ${key}`) }] as const);
  return JSON.stringify({ auths: Object.fromEntries(entries) });
}

function keysFor(image: string, ...keys: readonly string[]): readonly string[] {
  return credentialsFor(image, config(...keys)).map(({ key }) => key);
}

describe('credentialsFor', () => {
  it('returns what the Secret has for the host of the image', () => {
    const [found] = credentialsFor(`${HOST}/shop/api:1.4`, config(HOST));

    expect(found?.username).toBe('AWS');
    expect(found?.password.reveal()).toBe(`token of ${HOST}`);
    expect(String(found?.password)).toBe('[redacted]');
  });

  // The rows are from keyring_test.go, plus the forms that ECR users write.
  it.each([
    ['the host with a scheme', `https://${HOST}`, `${HOST}/shop/api:1.4`],
    ['a URL of the old API', `https://${HOST}/v1/`, `${HOST}/shop/api:1.4`],
    ['the old API before a path', `${HOST}/v2/shop`, `${HOST}/shop/api:1.4`],
    ['a pattern for each label', '*.dkr.ecr.*.amazonaws.com', `${HOST}/shop/api:1.4`],
    ['a pattern inside a label', '12345*.dkr.ecr.eu-west-?.amazonaws.com', `${HOST}/api@sha256:1`],
    ['a path that the image begins with', `${HOST}/shop`, `${HOST}/shop/api:1.4`],
    ['the same port', 'registry.example:5000', 'registry.example:5000/api'],
    ['an empty path', `${HOST}/`, `${HOST}/api`],
  ])('matches %s', (_, key, image) => {
    expect(keysFor(image, key)).toHaveLength(1);
  });

  it.each([
    ['another region', HOST.replace('eu-west-1', 'eu-west-2'), `${HOST}/api`],
    ['another account', HOST.replace('123', '923'), `${HOST}/api`],
    ['a pattern over several labels', '*.amazonaws.com', `${HOST}/api`],
    ['a port that the image does not name', `${HOST}:443`, `${HOST}/api`],
    ['another path', `${HOST}/other`, `${HOST}/shop/api`],
    ['a dot instead of another character', HOST.replace('.dkr.', '-dkr.'), `${HOST}/api`],
  ])('does not match %s', (_, key, image) => {
    expect(keysFor(image, key)).toEqual([]);
  });

  it('tries the most specific key first', () => {
    expect(keysFor(`${HOST}/shop/api`, HOST, `${HOST}/shop`, '*.dkr.ecr.*.amazonaws.com')).toEqual([
      `${HOST}/shop`,
      HOST,
      '*.dkr.ecr.*.amazonaws.com',
    ]);
  });

  it.each(['nginx:1.27', 'library/nginx', 'docker.io/library/nginx'])(
    'treats %s as an image of Docker Hub',
    (image) => {
      expect(keysFor(image, 'https://index.docker.io/v1/', HOST)).toEqual(['index.docker.io']);
    },
  );

  it('returns nothing for a content that it cannot read', () => {
    expect(() => credentialsFor('nginx', '{"auths": "canary')).toThrow(
      new Error('reading the pull Secret: it is not JSON'),
    );
  });
});
