import { describe, expect, it } from '@jest/globals';
import { StalledError, TransientError, renderError } from '../../../src/domain/errors.ts';

describe('renderError', () => {
  it('puts the fix after the failure', () => {
    const error = new StalledError('reading the kubeconfig: it has no current-context', {
      code: 'KUBECONFIG_CONTEXT_UNKNOWN',
      fix: 'choose one with --context',
    });

    expect(error.message).toBe('reading the kubeconfig: it has no current-context');
    expect(renderError(error)).toBe(
      'reading the kubeconfig: it has no current-context; choose one with --context',
    );
  });

  it('puts the fix on a line of its own after a list', () => {
    const error = new StalledError('it has faults:\n  a\n  b', {
      code: 'CONFIG_INVALID',
      fix: 'correct them',
    });

    expect(renderError(error)).toBe('it has faults:\n  a\n  b\ncorrect them');
  });

  it('shows what is known about any other thrown value', () => {
    expect(renderError(new TransientError('no answer', { code: 'API_TIMEOUT' }))).toBe('no answer');
    expect(renderError(new Error('broken'))).toBe('broken');
    expect(renderError('thrown as text')).toBe('thrown as text');
  });
});
