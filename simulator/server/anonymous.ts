/** Who asks without saying who: the name that a real server gives it. */
export const ANONYMOUS = 'system:anonymous';
