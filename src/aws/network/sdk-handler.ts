/** The types of what the SDK sends its requests with, which it does not export by name. */
import type { ECRClientConfig } from '@aws-sdk/client-ecr';

/** What the SDK calls; the rest of its configuration's union are options of its own handlers. */
export type SdkHandler = Extract<
  ECRClientConfig['requestHandler'],
  { destroy?(): void; handle: unknown }
>;
export type SdkRequest = Parameters<SdkHandler['handle']>[0];
export type SdkOptions = Parameters<SdkHandler['handle']>[1];
