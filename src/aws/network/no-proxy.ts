/** Which hosts are reached without the proxy: `NO_PROXY`, by the rules of Go programs, as clusters expect it. */
import { BlockList, isIP } from 'node:net';

/** `port` in digits. */
export type ProxyExemption = (host: string, port: string) => boolean;

type Rule = (host: string, port: string) => boolean;

/**
 * Commas or spaces separate the items: `example.com` stands for itself and its subdomains, `.example.com` and
 * `*.example.com` only for the subdomains, `10.0.0.0/8` for a range of addresses, `*` for everything; each may end in
 * `:port`. Loopback and `localhost` are always exempt. An invalid item exempts nothing. Never throws.
 */
export function parseNoProxy(text: string): ProxyExemption {
  const rules = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(ruleOf);
  return (name, port) => {
    const host = name.toLowerCase().replace(/^\[|\]$/g, '');
    return isLoopback(host) || rules.some((rule) => rule(host, port));
  };
}

function ruleOf(entry: string): Rule {
  if (entry === '*') return () => true;
  const [, range = '', bits = ''] = /^([\da-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (isIP(range) !== 0) return rangeRule(range, Number(bits));
  const [, bracketed, named, wantedPort] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const matches = nameRule(bracketed ?? named ?? entry);
  return (host, port) => matches(host) && (wantedPort === undefined || wantedPort === port);
}

function rangeRule(address: string, bits: number): Rule {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (bits > (family === 'ipv6' ? 128 : 32)) return () => false;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

function nameRule(name: string): (host: string) => boolean {
  if (isIP(name) !== 0) {
    const list = new BlockList();
    list.addAddress(name, isIP(name) === 6 ? 'ipv6' : 'ipv4');
    return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  }
  const below = `.${name.replace(/^\*?\./, '')}`;
  return (host) => host === name || host.endsWith(below);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
