/** Generates certificates at run time, so that the repository contains no key and no external program is needed. */
import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

export interface Certificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Authority extends Certificate {
  /** For a client, or for a TLS server on the loopback addresses, `localhost` and the other named hosts. */
  issue(commonName: string, hosts?: readonly string[]): Certificate;
}

const OID = {
  commonName: '550403',
  basicConstraints: '551d13',
  subjectAltName: '551d11',
  ecdsaWithSha256: '2a8648ce3d040302',
};

export function newAuthority(commonName: string): Authority {
  const { privateKey, publicKey } = newKeys();
  const isAuthority = extension(OID.basicConstraints, der(0x30, der(0x01, Buffer.from([0xff]))));
  const certPem = sign(
    { commonName, issuer: commonName, publicKey, extensions: [isAuthority] },
    privateKey,
  );
  return {
    certPem,
    keyPem: pemOf(privateKey),
    issue: (subject, hosts = []) => {
      const keys = newKeys();
      const names = extension(
        OID.subjectAltName,
        der(
          0x30,
          ...['localhost', ...hosts].map((host) => der(0x82, Buffer.from(host))),
          der(0x87, Buffer.from([127, 0, 0, 1])),
          der(0x87, Buffer.from([...Array.from({ length: 15 }, () => 0), 1])),
        ),
      );
      return {
        certPem: sign(
          {
            commonName: subject,
            issuer: commonName,
            publicKey: keys.publicKey,
            extensions: [names],
          },
          privateKey,
        ),
        keyPem: pemOf(keys.privateKey),
      };
    },
  };
}

interface ToBeSigned {
  readonly commonName: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280, 4.1: version 3, valid from 2020 to 2049. */
function sign({ commonName, issuer, publicKey, extensions }: ToBeSigned, by: KeyObject): string {
  const algorithm = der(0x30, oid(OID.ecdsaWithSha256));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    nameOf(issuer),
    der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z'))),
    nameOf(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions)),
  );
  const signature = createSign('sha256').update(body).sign(by);
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature));
  // No empty line after a full last line: OpenSSL does not recognise a certificate that has one.
  const lines = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nameOf(commonName: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid(OID.commonName), der(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer): Buffer {
  return der(0x30, oid(id), der(0x04, value));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
