/** The user of requests without credentials, named as on a real server. */
export const ANONYMOUS = 'system:anonymous';
