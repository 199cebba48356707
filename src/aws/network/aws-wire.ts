/** The seam between us and AWS: text out, text in. The simulator implements it too. */

export interface AwsWireRequest {
  readonly method: string;
  /** Complete, such as `https://api.ecr.eu-west-1.amazonaws.com/`. */
  readonly url: string;
  /** Names in lower case; signed already. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface AwsWireResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AwsWire {
  /** Rejects when there is no answer, never for a status code. */
  send(request: AwsWireRequest): Promise<AwsWireResponse>;
}
