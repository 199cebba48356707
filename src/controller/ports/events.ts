/** Events for the users of a namespace. */

/** Never throws, never waits. Repetitions are counted in one Event, floods are dropped. */
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
