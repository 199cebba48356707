/** The names of the two servers under contract, for test titles and the report. */

export const SIMULATOR = 'the simulator';
export const REAL_SERVER = 'kube-apiserver';
