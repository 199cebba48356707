/** The log, in which the program reports to its operator. */

/** Constant, lower-case messages; what varies goes into fields. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  /** A person must act. */
  error(fields: LogFields, message: string): void;
}
export type LogFields = Readonly<Record<string, unknown>>;
