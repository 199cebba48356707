/** Parses `[HOST]:PORT`, the value of the flag `--listen`. */
import { StalledError } from '../../domain/errors.ts';

export interface ListenAddress {
  /** `undefined`: all addresses, IPv6 and IPv4. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
}

const SHAPE = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]\s]+))?:(\d{1,5})$/;
const MAX_PORT = 65_535;

/**
 * Accepts `:8080`, `localhost:8081` or `[::1]:8080`, for example. Throws a `StalledError` that names `flag`, the source
 * of the value, and what is allowed.
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
