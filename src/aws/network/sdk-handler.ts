/** The types of the SDK's request handlers, which it does not export by name. */
import type { ECRClientConfig } from '@aws-sdk/client-ecr';

/** What the SDK calls; the other members of its configuration's union are options of its own handlers. */
export type SdkHandler = Extract<
  ECRClientConfig['requestHandler'],
  { destroy?(): void; handle: unknown }
>;
export type SdkRequest = Parameters<SdkHandler['handle']>[0];
export type SdkOptions = Parameters<SdkHandler['handle']>[1];
