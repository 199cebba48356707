/** What people in a namespace are told of it. */

/** Never throws, never waits; repetitions are counted up, floods are dropped. */
export interface EventSink {
  emit(event: NamespaceEvent): void;
}

export interface NamespaceEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly namespace: string;
  readonly about:
    | { readonly kind: 'Namespace'; readonly uid: string }
    | { readonly kind: 'ServiceAccount' | 'Secret'; readonly name: string; readonly uid: string };
}
