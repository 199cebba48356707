import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { readAwsNetwork } from '../../../../src/aws/network/aws-network.ts';
import { StalledError, renderError } from '../../../../src/domain/errors.ts';
import { newAuthority } from '../../../../simulator/http/certificates.ts';

const PEM = newAuthority('a private CA').certPem;

/** What `read` makes of the environment, and of files by path. */
function read(
  environment: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
) {
  const troubles: string[] = [];
  const network = readAwsNetwork({
    environment,
    readText: (path) => {
      const text = files[path];
      return text === undefined
        ? Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
        : Promise.resolve(text);
    },
    onCaTrouble: (problem) => troubles.push(problem),
  });
  return { network, troubles };
}

async function refusalOf(...sources: Parameters<typeof read>): Promise<StalledError> {
  const error: unknown = await read(...sources).network.catch((reason: unknown) => reason);
  if (error instanceof StalledError) return error;
  throw new Error('not refused', { cause: error });
}

describe('readAwsNetwork', () => {
  it('finds no proxy and no CA in an empty environment or in empty variables', async () => {
    for (const environment of [{}, { HTTPS_PROXY: '', http_proxy: ' ', AWS_CA_BUNDLE: '' }]) {
      expect(await read(environment).network).toMatchObject({
        httpsProxy: undefined,
        httpProxy: undefined,
        caBundle: undefined,
      });
    }
  });

  it.each([
    [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128'],
    [{ HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    [{ HTTPS_PROXY: 'https://proxy:3128/' }, 'https://proxy:3128'],
    [{ HTTPS_PROXY: 'http://u:p%40ss@[fd00::1]:3128' }, 'http://[fd00::1]:3128'],
    [{ https_proxy: 'http://small', HTTPS_PROXY: 'http://large' }, 'http://small'],
  ])('reads %j as the proxy %s', async (environment, address) => {
    const { httpsProxy, httpProxy } = await read(environment).network;

    expect(httpsProxy?.address).toBe(address);
    expect(httpProxy).toBeUndefined();
  });

  it('sends the password of a proxy only to the proxy', async () => {
    const network = await read({ HTTPS_PROXY: 'http://user:hunter2@proxy:3128' }).network;

    expect(network.httpsProxy?.url.reveal()).toBe('http://user:hunter2@proxy:3128/');
    expect(inspect(network, { depth: 9, showHidden: true })).not.toContain('hunter2');
    expect(JSON.stringify(network)).not.toContain('hunter2');
  });

  it.each([
    'socks5://user:hunter2@proxy',
    'http://user:hunter2@',
    'http://%zz:hunter2@proxy',
    'http://user:12#hunter2@proxy',
    'user:12/hunter2@proxy',
  ])('refuses the proxy %j and says how to write it, without the password', async (url) => {
    const error = await refusalOf({ HTTPS_PROXY: url });

    expect(error.code).toBe('AWS_PROXY_INVALID');
    expect(renderError(error)).toMatch(/^HTTPS_PROXY .*http:\/\/user:password@host:port/);
    expect(renderError(error)).not.toContain('hunter2');
  });

  it.each([
    ['is missing', undefined, "can't be read (ENOENT)"],
    ['is not PEM', 'something else', 'holds no PEM certificate'],
    ['is empty', '', 'holds no PEM certificate'],
    ['is damaged', `${PEM}${PEM.replace('\nMII', '\nAAA')}`, 'damaged certificate'],
  ])('refuses a CA file that %s, with its name and the fix', async (_name, text, problem) => {
    const files = text === undefined ? {} : { '/ca.pem': text };

    const { message, code, fix } = await refusalOf({ AWS_CA_BUNDLE: '/ca.pem' }, files);

    expect(code).toBe('AWS_CA_BUNDLE_UNUSABLE');
    expect(message).toContain('/ca.pem');
    expect(message).toContain(problem);
    expect(fix).toContain('mount');
  });

  it('takes each new content of the CA file, but never an invalid one, which it logs once', async () => {
    const files: Record<string, string> = { '/ca.pem': PEM };
    const { network, troubles } = read({ AWS_CA_BUNDLE: '/ca.pem' }, files);
    const { caBundle } = await network;
    const other = newAuthority('the next CA').certPem;

    files['/ca.pem'] = `# two of them\n${other}\n${PEM}`;
    expect((await caBundle?.current())?.match(/BEGIN/g)).toHaveLength(2);
    files['/ca.pem'] = 'half a fil';
    await caBundle?.current();
    expect((await caBundle?.current())?.match(/BEGIN/g)).toHaveLength(2);
    expect(troubles).toEqual(['holds no PEM certificate']);

    files['/ca.pem'] = PEM;
    expect((await caBundle?.current())?.match(/BEGIN/g)).toHaveLength(1);
    delete files['/ca.pem'];
    await caBundle?.current();
    expect(troubles).toEqual(['holds no PEM certificate', "can't be read (ENOENT)"]);
  });
});
