import { StalledError } from '../../../src/domain/errors.ts';
import { describe, expect, it } from '@jest/globals';
import { checkNetwork, checkNetworkFault } from '../../../src/doctor/check-network.ts';

const findings = (environment: Readonly<Record<string, string>>) =>
  checkNetwork(environment).map(({ subject, message }) => `${subject}: ${message}`);

describe('checkNetwork', () => {
  it('says so if nothing is set, or set to an empty value', () => {
    const nothing = [': no proxy or custom endpoint is set: AWS is called directly'];
    expect(findings({ HOME: '/root', AWS_REGION: 'eu-west-1' })).toEqual(nothing);
    expect(findings({ HTTPS_PROXY: '' })).toEqual(nothing);
  });

  it('names the host of a proxy and never its user or password', () => {
    const environment = {
      HTTPS_PROXY: 'http://jane:hunter2@proxy.corp:3128/path?key=value',
      NO_PROXY: '10.0.0.0/8,.corp',
      https_proxy: 'jane:hunter2@other.corp',
      http_proxy: 'http://jane:hunter2@[nonsense',
    };
    expect(findings(environment)).toEqual([
      'HTTPS_PROXY: proxy.corp:3128',
      'NO_PROXY: 10.0.0.0/8,.corp',
      'http_proxy: set, but not to a URL with a host',
      'https_proxy: other.corp',
    ]);
  });

  it('mistakes no part of a password for a host, even if it contains characters that end one', () => {
    for (const url of [
      'http://jane:12#34@proxy',
      'jane:12/34@proxy',
      'http://corp\\jane:1@proxy',
    ]) {
      expect(findings({ HTTPS_PROXY: url })).toEqual([
        'HTTPS_PROXY: set, but not to a URL with a host',
      ]);
    }
  });

  it('names endpoints that are not the usual ones, and the switches of the SDK', () => {
    const environment = {
      AWS_ENDPOINT_URL_STS: 'https://user:secret@vpce.example/sts',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://[fd00:ec2::254]',
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_SECRET_ACCESS_KEY: 'never',
    };
    expect(findings(environment)).toEqual([
      'AWS_EC2_METADATA_SERVICE_ENDPOINT: [fd00:ec2::254]',
      'AWS_ENDPOINT_URL_STS: vpce.example',
      'AWS_USE_FIPS_ENDPOINT: true',
    ]);
  });

  it('never fails', () => {
    const checks = checkNetwork({ HTTPS_PROXY: 'nonsense' });
    expect(checks.map(({ status }) => status)).toEqual(['info']);
  });
});

describe('checkNetworkFault', () => {
  it('fails with the text of the error and its fix', () => {
    const details = { code: 'AWS_PROXY_INVALID', fix: 'write it as one' };

    expect(checkNetworkFault(new StalledError('HTTPS_PROXY is no URL', details))).toEqual({
      name: 'network',
      subject: '',
      status: 'failed',
      message: 'HTTPS_PROXY is no URL',
      fix: 'write it as one',
    });
  });
});
