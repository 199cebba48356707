/** Reads `[HOST]:PORT`, as the flag `--listen` takes it. */
import { StalledError } from '../../domain/errors.ts';

export interface ListenAddress {
  /** `undefined`: every address, IPv6 and IPv4 alike. */
  readonly host: string | undefined;
  /** 0: one that is free. */
  readonly port: number;
}

const SHAPE = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]\s]+))?:(\d{1,5})$/;
const MAX_PORT = 65_535;

/**
 * Such as `:8080`, `localhost:8081` or `[::1]:8080`. Throws a `StalledError` that names `flag`, where it came from, and
 * what is allowed.
 */
export function parseListenAddress(flag: string, text: string): ListenAddress {
  const [, inBrackets, plain, port] = SHAPE.exec(text) ?? [];
  if (port === undefined || Number(port) > MAX_PORT) {
    throw new StalledError(
      `${flag} ${JSON.stringify(text.slice(0, 64))}: it must be [HOST]:PORT, such as :8080, localhost:8081 or [::1]:8080, with a port of at most ${MAX_PORT}`,
      { code: 'LISTEN_ADDRESS_INVALID' },
    );
  }
  return { host: inBrackets ?? plain, port: Number(port) };
}
