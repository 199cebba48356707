/** The names of the two servers that keep the contract: in the titles of tests, and for the report. */

export const SIMULATOR = 'the simulator';
export const REAL_SERVER = 'kube-apiserver';
